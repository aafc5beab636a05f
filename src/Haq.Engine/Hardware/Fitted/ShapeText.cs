using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Fitted;

/// <summary>Reads shapes as <see cref="LayerShape.ToString"/> writes them. Inputs are taken to be as large as outputs times strides, which the text does not say.</summary>
internal static partial class ShapeText
{
    /// <summary>Reads a text such as <c>Conv 3x3/2x2 32->64 28x28</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out LayerShape? shape)
    {
        shape = null;
        if (Form().Match(text) is not { Success: true } match || !Enum.TryParse<OpKind>(match.Groups["op"].Value, out var op) || op == OpKind.Tensor) return false;
        var (kernel, stride, output) = (Extents(match.Groups["kernel"].Value), Extents(match.Groups["stride"].Value), Extents(match.Groups["size"].Value));
        int inputs = Number(match.Groups["in"].Value), outputs = Number(match.Groups["out"].Value);
        int groups = match.Groups["depthwise"].Success ? inputs : match.Groups["groups"].Success ? Number(match.Groups["groups"].Value) : 1;
        ImmutableArray<int> input = stride.Length != output.Length ? output
            : [.. output.Select((extent, i) => op == OpKind.ConvTranspose ? Math.Max(1, extent / stride[i]) : extent * stride[i])];
        try
        {
            shape = new LayerShape(op, inputs, outputs, groups, kernel, stride, input, output);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static ImmutableArray<int> Extents(string text) => text.Length == 0 ? [] : [.. text.Split('x').Select(Number)];

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    [GeneratedRegex(@"^(?<op>[A-Za-z]+)( (?<kernel>[0-9x]+)/(?<stride>[0-9x]+))? (?<in>\d+)->(?<out>\d+) (?<size>[0-9x]+)((?<depthwise> depthwise)| (?<groups>\d+) groups)?$")]
    private static partial Regex Form();
}
