using System.Text;

namespace Sightline.Tuning;

/// <summary>Divides a command line into words as a shell does: blanks part, quotes hold together, a backslash takes the next character as it is.</summary>
internal static class CommandLineWords
{
    /// <exception cref="SettingsException">It is empty or a quote is not closed.</exception>
    public static IReadOnlyList<string> Of(string command)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (isInWord, quote) = (false, '\0');
        for (var i = 0; i < command.Length; i++)
        {
            var c = command[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (isInWord)
                {
                    words.Add(word.ToString());
                    (_, isInWord) = (word.Clear(), false);
                }

                continue;
            }

            isInWord = true;
            if (c == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && c is '\'' or '"')
            {
                quote = c;
            }
            else if (c == '\\' && quote != '\'' && i + 1 < command.Length)
            {
                word.Append(command[++i]);
            }
            else
            {
                word.Append(c);
            }
        }

        if (quote != '\0')
        {
            throw new SettingsException($"The command '{command}' has a {quote} that is not closed.");
        }

        if (isInWord)
        {
            words.Add(word.ToString());
        }

        return words.Count > 0 ? words : throw new SettingsException("The command is empty; give the program to run for each trial, such as 'python3 train.py --lr {lr}'.");
    }
}
