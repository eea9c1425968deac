namespace Sightline.Cli.Datasets;

/// <summary>Keys of a person at the terminal, or characters of a pipe.</summary>
internal sealed class ReviewKeys
{
    /// <summary>The next key as a character; null at the end of the input.</summary>
    public char? Next()
    {
        if (!Console.IsInputRedirected)
        {
            return Console.ReadKey(intercept: true).KeyChar;
        }

        for (int next; (next = Console.In.Read()) >= 0;)
        {
            if (!char.IsWhiteSpace((char)next))
            {
                return (char)next;
            }
        }

        return null;
    }

    /// <summary>A line of text; null at the end of the input.</summary>
    public string? Line() => Console.In.ReadLine();
}
