using System.CommandLine.Parsing;

namespace Haq.Tool.Output;

/// <summary>What is wrong with a command line, without the names that .NET has for types.</summary>
internal static class ParseWords
{
    /// <param name="error">As the parser says it.</param>
    public static string Of(ParseError error)
    {
        if (error.SymbolResult is not OptionResult { Option: var option, Tokens: [.., var last] } || Kind(option.ValueType) is not { } kind || IsSaidByUs(error.Message)) return error.Message;
        return $"{option.Name} is '{last.Value}'. Expected {kind}.";
    }

    // The parser's own sentence is the one that names the type; ours, from validators, are said as they are.
    private static bool IsSaidByUs(string message) => !message.Contains("System.", StringComparison.Ordinal);

    private static string? Kind(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(int) || t == typeof(long) => "a whole number",
        var t when t == typeof(double) || t == typeof(float) => "a number",
        var t when t == typeof(bool) => "true or false",
        _ => null,
    };
}
