using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Haq.Tool.Commands;

/// <summary><c>--shape name=1,3,224,224</c>, once per dynamic input.</summary>
internal static class ShapeOption
{
    public static Option<Dictionary<string, long[]>> Create() => new("--shape")
    {
        Description = "Shape of a dynamic input, e.g. --shape image=1,3,224,224. May be given once per input.",
        HelpName = "NAME=N,N,…",
        AllowMultipleArgumentsPerToken = false,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = Parse,
        DefaultValueFactory = _ => [],
    };

    private static Dictionary<string, long[]> Parse(ArgumentResult result)
    {
        var shapes = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (var token in result.Tokens)
        {
            // Names may contain '=' and ':' (TensorFlow's do); extents cannot.
            int split = token.Value.LastIndexOf('=');
            string[] extents = split < 0 ? [] : token.Value[(split + 1)..].Split(',');
            long[] shape = new long[extents.Length];
            bool valid = split > 0 && extents.Length > 0;
            for (int i = 0; i < extents.Length; i++)
                valid &= long.TryParse(extents[i], NumberStyles.None, CultureInfo.InvariantCulture, out shape[i]) && shape[i] > 0;
            if (valid && shapes.TryAdd(token.Value[..split], shape)) continue;
            result.AddError(valid ? $"--shape names '{token.Value[..split]}' twice." : $"--shape '{token.Value}' is not of the form NAME=1,3,224,224.");
        }
        return shapes;
    }
}
