using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Haq.Engine.Dialects;

/// <summary>The JSON Schema (draft-07) of target files, from the same key tables that the reader follows.</summary>
public static class DialectSchema
{
    private static readonly JsonSerializerOptions s_layout = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema's text; a rule matches the branch of its kind.</summary>
    public static string ToJson()
    {
        var rules = new JsonArray([.. DialectRuleKinds.All.Select(kind => (JsonNode)Branch(kind))]);
        var source = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["url"] = Of("string", "where the document is"), ["version"] = Of(null, "the version, commit or date that it was read at") },
            ["required"] = new JsonArray("url", "version"),
            ["additionalProperties"] = false,
        };
        var schema = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "A target file for Haq.Build",
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["name"] = Of("string", "what the target is called; default: the file's name"),
                ["title"] = Of("string", "the toolchain, in a few words"),
                ["version"] = Of(null, "the vendor's version that it was read for"),
                ["host"] = Of("string", "what runs the nodes that the target leaves over"),
                ["sources"] = new JsonObject { ["type"] = "object", ["minProperties"] = 1, ["additionalProperties"] = source },
                ["rules"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["oneOf"] = rules } },
            },
            ["required"] = new JsonArray("title", "version", "sources", "rules"),
            ["additionalProperties"] = false,
        };
        return schema.ToJsonString(s_layout) + "\n";
    }

    private static JsonObject Branch(DialectRuleKind kind)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var key in RuleDocument.CommonKeys.Concat(kind.Keys))
        {
            properties[key.Name] = key.Name == "rule" ? new JsonObject { ["const"] = kind.Name } : Property(key);
            if (!key.IsOptional) required.Add(key.Name);
        }
        return new JsonObject
        {
            ["title"] = kind.Name, ["description"] = kind.Summary, ["type"] = "object", ["properties"] = properties, ["required"] = required, ["additionalProperties"] = false,
        };
    }

    private static JsonObject Property(DialectKey key)
    {
        var word = new JsonObject { ["type"] = "string" };
        if (key.Choices is { } choices) word["enum"] = new JsonArray([.. choices.Select(c => (JsonNode)c)]);
        var property = key.Type switch
        {
            DialectKeyType.Word => word,
            DialectKeyType.Words => Either(word, ListOf(word.DeepClone())),
            DialectKeyType.WordLists => ListOf(ListOf(word)),
            DialectKeyType.Flag => Of("boolean", ""),
            DialectKeyType.Integer => Of("integer", ""),
            DialectKeyType.Number => new JsonObject { ["type"] = new JsonArray("number", "string") },
            DialectKeyType.Integers => MapOf("integer"),
            DialectKeyType.Texts => MapOf("string"),
            _ => new JsonObject { ["type"] = new JsonArray("string", "number") },
        };
        property["description"] = key.Purpose;
        return property;
    }

    private static JsonObject Either(JsonNode one, JsonNode other) => new() { ["anyOf"] = new JsonArray(one, other) };

    private static JsonObject ListOf(JsonNode item) => new() { ["type"] = "array", ["items"] = item };

    private static JsonObject MapOf(string type) => new() { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = type } };

    private static JsonObject Of(string? type, string description)
    {
        var property = new JsonObject { ["description"] = description };
        property["type"] = type is null ? new JsonArray("string", "number") : type;
        return property;
    }
}
