using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Haq.Engine.Pipeline.Sidecars;

/// <summary>AIMET's encodings in format 2.0.0, as AIMET 2.9 and newer load them: a list of tensors with type, scale and zero point. Weights are left to AIMET, which quantizes them itself.</summary>
public static class AimetSidecar
{
    private static readonly JsonWriterOptions s_layout = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON text.</summary>
    public static string Write(SidecarFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_layout))
        {
            json.WriteStartObject();
            json.WriteString("version", "2.0.0");
            json.WriteStartArray("encodings");
            foreach (var (tensor, scale) in facts.Tensors)
            {
                json.WriteStartObject();
                json.WriteString("name", tensor);
                json.WriteString("output_dtype", string.Create(CultureInfo.InvariantCulture, $"{(scale.Min < 0 ? "int" : "uint")}{scale.Bits}"));
                json.WriteNumber("y_scale", scale.Scale);
                json.WriteNumber("y_zero_point", scale.ZeroPoint);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }
}
