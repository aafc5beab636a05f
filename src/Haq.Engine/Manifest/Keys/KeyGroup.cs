using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Haq.Engine.Manifest.Keys;

/// <summary>The keys that one mapping may have.</summary>
internal sealed class KeyGroup
{
    private readonly ImmutableArray<string> _names;

    public KeyGroup(params ImmutableArray<Key> keys) => (Keys, _names) = (keys, [.. keys.Select(k => k.Name)]);

    public ImmutableArray<Key> Keys { get; }

    public IReadOnlyCollection<string> Names => _names;

    public JsonObject Schema()
    {
        var properties = new JsonObject();
        foreach (var key in Keys) properties[key.Name] = key.Schema();
        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        if (Keys.Any(k => k.Required)) schema["required"] = new JsonArray([.. Keys.Where(k => k.Required).Select(k => (JsonNode)k.Name)]);
        return schema;
    }
}
