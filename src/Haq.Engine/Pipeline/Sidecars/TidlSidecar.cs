using System.Globalization;
using System.Text;
using Haq.Engine.Layers;

namespace Haq.Engine.Pipeline.Sidecars;

/// <summary>
/// TIDL's quantization proto text: <c>TIDLNetQuantParams</c> as edgeai-tidl-tools docs/tidl_quantParams.md (commit 2378ce1) specifies it. Only
/// ranges and bit depths decide; TIDL computes its own scales from
/// them. It knows symmetric quantization only, and 8 or 16 bits.
/// </summary>
public static class TidlSidecar
{
    /// <summary>The text.</summary>
    public static string Write(SidecarFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var text = new StringBuilder();
        var layers = facts.Layers.Where(l => !l.Bits.Activations.IsFloat && !l.Bits.Weights.IsFloat).ToList();
        foreach (var real in facts.Layers.Except(layers)) Line(text, 0, $"# '{real.Name}' stays in floating point: leave it out of TIDL with deny_list");
        Line(text, 0, $"num_layers: {layers.Count}");
        Line(text, 0, "quant_type: SYMMETRIC");
        Line(text, 0, "calib_type: PERTENSOR");
        foreach (var layer in layers) Write(text, layer);
        return text.ToString();
    }

    /// <summary>8 or 16: TIDL has no other depth.</summary>
    public static int DepthOf(LayerBits bits) => Math.Max(bits.Weights, bits.Activations) > 8 ? 16 : 8;

    private static void Write(StringBuilder text, SidecarLayer layer)
    {
        Line(text, 0, "layers {");
        Line(text, 1, $"layer_name: {Quoted(layer.Name)}");
        Line(text, 1, $"layer_type: \"{TypeOf(layer.Op)}\"");
        Line(text, 1, $"bit_depth: {DepthOf(layer.Bits)}");
        if (layer.Output is { } output) Tensor(text, "outputs", output, 1, []);
        Tensor(text, "weights", layer.Weights, 1, []);
        if (!layer.Bias.IsEmpty) Tensor(text, "bias", new SidecarRange(layer.Bias.Min(), layer.Bias.Max()), layer.Bias.Length, layer.Bias.AsSpan());
        Line(text, 0, "}");
    }

    private static string TypeOf(OpKind op) => op switch
    {
        OpKind.Conv => "TIDL_ConvolutionLayer",
        OpKind.ConvTranspose => "TIDL_Deconv2DLayer",
        _ => "TIDL_InnerProductLayer",
    };

    private static void Tensor(StringBuilder text, string name, SidecarRange range, int size, ReadOnlySpan<float> values)
    {
        Line(text, 1, $"{name} {{");
        Line(text, 2, $"min: {Number(range.Min)}");
        Line(text, 2, $"max: {Number(range.Max)}");
        Line(text, 2, $"size: {size.ToString(CultureInfo.InvariantCulture)}");
        foreach (float value in values) Line(text, 2, $"value: {Number(value)}");
        Line(text, 1, "}");
    }

    private static string Number(double value) => ((float)value).ToString("R", CultureInfo.InvariantCulture);

    // Protobuf's text format escapes as C does.
    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static void Line(StringBuilder text, int depth, string line) => text.Append(' ', 2 * depth).Append(line).Append('\n');
}
