using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sightline.Runs.Report;

/// <summary>
/// Builds markup in which every inserted value is encoded: <c>html.Add($"&lt;td&gt;{name}&lt;/td&gt;")</c> encodes <c>name</c>
/// because the compiler hands the text's holes to <see cref="Holes"/>. So a name cannot become markup by
/// being forgotten.
/// </summary>
internal sealed class Html
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds a template: its fixed parts as markup, its holes encoded.</summary>
    public void Add([InterpolatedStringHandlerArgument("")] ref Holes template)
    {
        // The handler wrote straight into this builder.
        _ = template;
    }

    /// <summary>Adds fixed markup; never pass a value here.</summary>
    public void Markup(string fixedText) => _text.Append(fixedText);

    public override string ToString() => _text.ToString();

    [InterpolatedStringHandler]
    internal readonly ref struct Holes
    {
        private readonly StringBuilder _text;

        public Holes(int literalLength, int formattedCount, Html html)
        {
            _text = html._text;
            _text.EnsureCapacity(_text.Length + literalLength + 8 * formattedCount);
        }

        public void AppendLiteral(string text) => _text.Append(text);

        public void AppendFormatted(string? text) => Encode(text, _text);

        public void AppendFormatted(int value) => _text.Append(CultureInfo.InvariantCulture, $"{value}");

        /// <summary>A coordinate: at most two decimals.</summary>
        public void AppendFormatted(double value) => _text.Append(value.ToString("0.##", CultureInfo.InvariantCulture));
    }

    private static void Encode(string? text, StringBuilder target)
    {
        if (text is null)
        {
            return;
        }

        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            _ = letter switch
            {
                '&' => target.Append("&amp;"),
                '<' => target.Append("&lt;"),
                '>' => target.Append("&gt;"),
                '"' => target.Append("&quot;"),
                '\'' => target.Append("&#39;"),
                '\t' or '\n' or '\r' => target.Append(letter),

                // Not allowed in HTML or XML at all, not even as references: control characters, non-characters, halves of pairs.
                < ' ' or (>= '\u007f' and < '\u00a0') or '\ufffe' or '\uffff' => target.Append('\ufffd'),
                _ when char.IsHighSurrogate(letter) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) =>
                    target.Append(letter).Append(text[++i]),
                _ when char.IsSurrogate(letter) => target.Append('\ufffd'),
                _ => target.Append(letter),
            };
        }
    }
}
