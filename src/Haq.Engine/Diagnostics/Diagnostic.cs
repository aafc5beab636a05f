namespace Haq.Engine.Diagnostics;

/// <summary>One error or warning: what, where, why, and what to do next.</summary>
public sealed record Diagnostic(DiagnosticDescriptor Descriptor, SourceLocation? Location, string Message)
{
    private const int MostText = 4000;

    /// <summary>MSBuild's canonical form, one line: <c>haq.yaml(9,12): error HAQ0021: message</c>.</summary>
    public override string ToString()
    {
        string origin = Location?.ToString() ?? "haq";
        string kind = Descriptor.IsWarning ? "warning" : "error";
        return Legible($"{origin}: {kind} {Descriptor.Code}: {Message.ReplaceLineEndings(" ")}");
    }

    /// <summary>
    /// Names come from models and data: control characters in them, which could begin a line of their own or drive a terminal, and overrides of direction become U+FFFD, and a message of megabytes
    /// keeps its beginning and its end, where the advice is.
    /// </summary>
    internal static string Legible(string text)
    {
        if (text.Length > MostText) text = $"{text.AsSpan(0, MostText / 2)} … {text.AsSpan(text.Length - MostText / 2)}";
        return text.AsSpan().ContainsAnyInRange('\0', '\x1f') || text.Any(IsIllegible) ? string.Create(text.Length, text, static (into, from) =>
        {
            for (int i = 0; i < into.Length; i++) into[i] = IsIllegible(from[i]) ? '\ufffd' : from[i];
        }) : text;
    }

    private static bool IsIllegible(char c) => char.IsControl(c) || c is (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
