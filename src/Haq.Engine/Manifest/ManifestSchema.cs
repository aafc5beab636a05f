using System.Text.Encodings.Web;
using System.Text.Json;
using Haq.Engine.Manifest.Keys;

namespace Haq.Engine.Manifest;

/// <summary>The JSON Schema of haq.yaml, for editors.</summary>
public static class ManifestSchema
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Draft-07, indented.</summary>
    /// <param name="strategies">The search strategies that exist; null accepts any name.</param>
    public static string ToJson(IReadOnlyCollection<string>? strategies = null)
    {
        var schema = ManifestKeys.Group.Schema();
        schema.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        schema.Insert(1, "title", "haq.yaml");
        schema.Insert(2, "description", "What to quantize, for which hardware, within which budget, on which data.");
        if (strategies is not null)
        {
            var strategy = schema["properties"]!["search"]!["properties"]!["strategy"]!.AsObject();
            strategy["enum"] = JsonSerializer.SerializeToNode(strategies);
        }
        return schema.ToJsonString(s_indented) + "\n";
    }
}
