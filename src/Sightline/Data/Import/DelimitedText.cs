using System.Text;

namespace Sightline.Data.Import;

/// <summary>Reads and writes comma- or tab-separated values by RFC 4180: fields may be quoted, quotes are doubled, line ends may be quoted.</summary>
internal static class DelimitedText
{
    /// <summary>The records with the number of the line on which each begins; empty lines are skipped.</summary>
    public static IEnumerable<(int Line, string[] Fields)> Read(TextReader reader, char separator)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var (line, start, quoted, any) = (1, 1, false, false);
        for (int next; (next = reader.Read()) >= 0;)
        {
            var c = (char)next;
            line += c == '\n' ? 1 : 0;
            if (quoted)
            {
                if (c != '"')
                {
                    field.Append(c);
                }
                else if (reader.Peek() == '"')
                {
                    field.Append((char)reader.Read());
                }
                else
                {
                    quoted = false;
                }
            }
            else if (c == '"' && field.Length == 0)
            {
                (quoted, any) = (true, true);
            }
            else if (c == separator)
            {
                fields.Add(field.ToString());
                field.Clear();
                any = true;
            }
            else if (c == '\n')
            {
                if (any || field.Length > 0)
                {
                    fields.Add(field.ToString());
                    yield return (start, [.. fields]);
                }

                fields.Clear();
                field.Clear();
                (any, start) = (false, line);
            }
            else if (c != '\r')
            {
                field.Append(c);
            }
        }

        if (any || field.Length > 0)
        {
            fields.Add(field.ToString());
            yield return (start, [.. fields]);
        }
    }

    /// <summary>One record, without the line end.</summary>
    public static string Write(IEnumerable<string> fields, char separator = ',') => string.Join(separator, fields.Select(field =>
        field.AsSpan().ContainsAny(separator, '"', '\n') || field.Contains('\r') ? $"\"{field.Replace("\"", "\"\"")}\"" : field));
}
