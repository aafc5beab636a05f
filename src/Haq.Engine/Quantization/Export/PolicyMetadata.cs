using System.Globalization;
using System.Text;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>What an exported file says about itself in <c>metadata_props</c>.</summary>
public static class PolicyMetadata
{
    /// <summary>The policy's digest.</summary>
    public const string DigestKey = "haq.policy";

    /// <summary>
    /// One line per layer: name, weight bits, activation bits, the activation's scale and zero point (empty where it stays in floating point), tab-separated.
    /// </summary>
    public const string LayersKey = "haq.layers";

    /// <summary>Writes both entries, replacing those that are there; all others stay.</summary>
    internal static void Write(ModelProto model, QuantizedModel quantized)
    {
        var lines = new StringBuilder();
        foreach (var layer in quantized.Layers)
        {
            string scale = layer.Activation?.Scale.ToString("R", CultureInfo.InvariantCulture) ?? "", zero = layer.Activation?.ZeroPoint.ToString(CultureInfo.InvariantCulture) ?? "";
            lines.Append(CultureInfo.InvariantCulture, $"{layer.Found.Layer.Name}\t{layer.Bits.Weights}\t{layer.Bits.Activations}\t{scale}\t{zero}\n");
        }
        Put(model, DigestKey, quantized.Policy.Digest);
        Put(model, LayersKey, lines.ToString());
    }

    private static void Put(ModelProto model, string key, string value)
    {
        foreach (var old in model.MetadataProps.Where(p => p.Key == key).ToList()) model.MetadataProps.Remove(old);
        model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
    }
}
