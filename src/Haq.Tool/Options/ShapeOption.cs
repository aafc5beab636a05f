using System.CommandLine;
using System.Globalization;
using Haq.Engine.Diagnostics;

namespace Haq.Tool.Options;

/// <summary><c>--shape NAME=1,3,224,224</c>: shapes of dynamic inputs.</summary>
internal static class ShapeOption
{
    public static Option<string[]> Create() => new("--shape")
    {
        Description = "Shape of a dynamic input, for example --shape image=1,3,224,224. May be given several times.",
        HelpName = "NAME=EXTENTS",
        DefaultValueFactory = _ => [],
    };

    /// <exception cref="HaqException">An item is not of the form NAME=1,3,224,224 (HAQ0212).</exception>
    public static Dictionary<string, long[]> Parse(string[] items)
    {
        var shapes = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (string item in items)
        {
            int split = item.LastIndexOf('=');
            string[] extents = split > 0 ? item[(split + 1)..].Split([',', 'x'], StringSplitOptions.TrimEntries) : [];
            long[] numbers = [.. extents.Select(e => long.TryParse(e, NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : -1)];
            if (numbers.Length == 0 || numbers.Contains(-1))
                throw DiagnosticCatalog.ShapeSyntax.Error((SourceLocation?)null, $"'--shape {item}' is not a shape. Write it as --shape image=1,3,224,224.");
            shapes[item[..split]] = numbers;
        }
        return shapes;
    }
}
