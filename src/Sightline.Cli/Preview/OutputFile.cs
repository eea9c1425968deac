namespace Sightline.Cli.Preview;

/// <summary>Writes a file that the user named.</summary>
internal static class OutputFile
{
    /// <exception cref="NotFoundException">It cannot be written there.</exception>
    public static void Write(string path, byte[] content)
    {
        try
        {
            File.WriteAllBytes(path, content);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NotFoundException($"'{path}' cannot be written: {error.Message} Pass --out with a file in a folder that exists and is yours.");
        }
    }
}
