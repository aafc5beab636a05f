using System.Text.Json;
using System.Text.Json.Nodes;

namespace Haq.Engine.Hardware;

/// <summary>The JSON Schema (draft-07) of hardware files, from the same key tables that the reader follows.</summary>
public static class HardwareSchema
{
    private static readonly JsonSerializerOptions s_layout = new()
    {
        WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The schema's text; a file matches the branch of its kind.</summary>
    public static string ToJson()
    {
        var branches = new JsonArray();
        foreach (var kind in HardwareKinds.All) branches.Add(Branch(kind));
        var schema = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "A hardware file for Haq.Build",
            ["type"] = "object",
            ["oneOf"] = branches,
        };
        return schema.ToJsonString(s_layout) + "\n";
    }

    private static JsonObject Branch(HardwareKind kind)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var key in HardwareKinds.CommonKeys.Concat(kind.Keys))
        {
            var property = Property(key);
            if (key.Name == "kind") property["const"] = kind.Name;
            properties[key.Name] = property;
            if (key.Default is null && !key.IsOptional) required.Add(key.Name);
        }
        return new JsonObject
        {
            ["title"] = kind.Name, ["description"] = kind.Summary, ["properties"] = properties, ["required"] = required, ["additionalProperties"] = false,
        };
    }

    private static JsonObject Property(HardwareKey key)
    {
        string unit = key.Unit.Length > 0 ? $" ({key.Unit})" : "";
        var property = new JsonObject { ["description"] = key.Purpose + unit };
        switch (key.Type)
        {
            case HardwareKeyType.Integer or HardwareKeyType.Number:
                property["type"] = key.Type == HardwareKeyType.Integer ? "integer" : "number";
                property["minimum"] = key.Min;
                property["maximum"] = key.Max;
                break;
            case HardwareKeyType.Word:
                property["enum"] = new JsonArray([.. key.Choices!.Select(c => (JsonNode)c)]);
                break;
            case HardwareKeyType.Mapping:
                property["type"] = "object";
                break;
            default:
                // YAML's bare 2026-11-21 is a text here, whatever a reader makes of it.
                property["type"] = new JsonArray("string", "number");
                break;
        }
        if (key.Default is not null) property["default"] = key.Default;
        return property;
    }
}
