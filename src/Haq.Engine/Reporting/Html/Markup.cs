using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Haq.Engine.Reporting.Html;

/// <summary>Text that is HTML already. Everything else that enters a <see cref="MarkupBuilder"/> is escaped.</summary>
internal readonly record struct Markup(string Html)
{
    /// <summary>HTML whose interpolated values are escaped.</summary>
    public static Markup Of(MarkupHandler markup) => new(markup.ToString());

    /// <summary>
    /// Escapes for element content and quoted attributes alike. Control characters and direction overrides, which could make a name look like another,
    /// become U+FFFD, as do halves of surrogate pairs.
    /// </summary>
    public static void Escape(StringBuilder into, ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            switch (c)
            {
                case '&': into.Append("&amp;"); break;
                case '<': into.Append("&lt;"); break;
                case '>': into.Append("&gt;"); break;
                case '"': into.Append("&quot;"); break;
                case '\'': into.Append("&#39;"); break;
                case '\n' or '\t': into.Append(c); break;
                case < ' ' or (>= '\x7f' and < '\xa0') or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\ufffe' or '\uffff': into.Append('\ufffd'); break;
                default:
                    if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) into.Append(c).Append(text[++i]);
                    else into.Append(char.IsSurrogate(c) ? '\ufffd' : c);
                    break;
            }
        }
    }
}

/// <summary>Collects HTML.</summary>
internal sealed class MarkupBuilder
{
    private readonly StringBuilder _html = new();

    /// <summary>Adds HTML whose interpolated values are escaped.</summary>
    public MarkupBuilder Add([InterpolatedStringHandlerArgument("")] MarkupHandler markup)
    {
        markup.Close();
        return this;
    }

    internal StringBuilder Target => _html;

    public Markup ToMarkup() => new(_html.ToString());

    public override string ToString() => _html.ToString();
}

/// <summary>What the compiler turns an interpolated string into where HTML is wanted: literals stay, values are escaped, numbers are invariant.</summary>
[InterpolatedStringHandler]
internal readonly struct MarkupHandler
{
    private readonly StringBuilder _html;

    public MarkupHandler(int literalLength, int formattedCount) => _html = new StringBuilder(literalLength + formattedCount * 8);

    public MarkupHandler(int literalLength, int formattedCount, MarkupBuilder builder)
    {
        _ = literalLength + formattedCount;
        _html = builder.Target;
    }

    public void AppendLiteral(string literal) => _html.Append(literal);

    public void AppendFormatted(Markup value) => _html.Append(value.Html);

    public void AppendFormatted(string? value) => Markup.Escape(_html, value);

    public void AppendFormatted<T>(T value, string? format = null) where T : IFormattable =>
        Markup.Escape(_html, value.ToString(format, CultureInfo.InvariantCulture));

    public void Close() => _html.Append('\n');

    public override string ToString() => _html.ToString();
}
