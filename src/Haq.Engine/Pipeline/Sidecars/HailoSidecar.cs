using System.Globalization;
using System.Text;
using Haq.Engine.Layers;

namespace Haq.Engine.Pipeline.Sidecars;

/// <summary>
/// Lines of a Hailo model script: <c>quantization_param(LAYER, precision_mode=…)</c>. The compiler has a8_w8, a8_w4 and a16_w16. Its parser gives
/// layers names of its own (conv1, dw1, fc1, counted by kind in
/// execution order); a comment above each line says which node is meant.
/// </summary>
public static class HailoSidecar
{
    /// <summary>The text.</summary>
    public static string Write(SidecarFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var text = new StringBuilder("# Names are counted as Hailo's parser counts; compare them with the parsed model's.\n");
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var layer in facts.Layers)
        {
            string kind = KindOf(layer);
            int number = counts[kind] = counts.GetValueOrDefault(kind) + 1;
            text.Append(CultureInfo.InvariantCulture, $"# {layer.Name.ReplaceLineEndings(" ")}, {layer.Bits}\n");
            if (ModeOf(layer.Bits) is { } mode) text.Append(CultureInfo.InvariantCulture, $"quantization_param({kind}{number}, precision_mode={mode})\n");
            else text.Append("# stays in floating point: end the network before it\n");
        }
        return text.ToString();
    }

    /// <summary>The mode that holds a layer's widths; null for floating point, which Hailo has not.</summary>
    public static string? ModeOf(LayerBits bits) => bits.Activations.IsFloat || bits.Weights.IsFloat ? null
        : bits.Activations > 8 || bits.Weights > 8 ? "a16_w16" : bits.Weights <= 4 ? "a8_w4" : "a8_w8";

    private static string KindOf(SidecarLayer layer) => layer.Op switch
    {
        OpKind.Conv => layer.IsDepthwise ? "dw" : "conv",
        OpKind.ConvTranspose => "deconv",
        _ => "fc",
    };
}
