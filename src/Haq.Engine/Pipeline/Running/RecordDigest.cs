using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Yaml;

namespace Haq.Engine.Pipeline.Running;

/// <summary>
/// The digest of a record of inputs, part by part: a handle counts by its key, a setting by its value, a file by the text that names it (its content has a handle of its own). Where something is
/// written counts for nothing, so that a comment or a moved line changes no key. A part whose content cannot be told is refused, never left out.
/// </summary>
internal static class RecordDigest
{
    private static readonly ConcurrentDictionary<Type, Part[]> s_parts = new();

    /// <summary>The key of a stage with these inputs.</summary>
    public static StageKey Of(string stage, int version, object inputs)
    {
        using var key = new StageKeyBuilder(stage, version);
        key.Add("machine", MachineIdentity.Digest);
        Add(key, "inputs", inputs);
        return key.Build();
    }

    private static void Add(StageKeyBuilder key, string name, object? value)
    {
        switch (value)
        {
            case null: key.Add(name, "null"); break;
            case IKeyed keyed: key.Add(name, keyed.Key.ToString()); break;
            case string text: key.Add(name, $"\"{text}"); break;
            case Enum or bool: key.Add(name, value.ToString()!); break;
            case double number: key.Add(name, number.ToString("R", CultureInfo.InvariantCulture)); break;
            case float number: key.Add(name, number.ToString("R", CultureInfo.InvariantCulture)); break;
            case int or long or ulong or byte: key.Add(name, ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture)); break;
            case TimeSpan time: key.Add(name, time.Ticks.ToString(CultureInfo.InvariantCulture)); break;
            case FileReference file: key.Add(name, file.Text); break;
            case Bitwidth width: key.Add(name, width.ToString()); break;
            case Policy policy: key.Add(name, policy.Digest); break;
            case SourceLocation: break;
            case IDictionary map: AddMap(key, name, map); break;
            case IEnumerable items: AddItems(key, name, items); break;
            default: AddParts(key, name, value); break;
        }
    }

    private static void AddMap(StageKeyBuilder key, string name, IDictionary map)
    {
        key.Add(name, $"{map.Count} entries");
        foreach (string entry in map.Keys.Cast<string>().Order(StringComparer.Ordinal)) Add(key, entry, map[entry]);
    }

    private static void AddItems(StageKeyBuilder key, string name, IEnumerable items)
    {
        object?[] all = [.. items.Cast<object?>()];
        key.Add(name, $"{all.Length} items");
        foreach (object? item in all) Add(key, "item", item);
    }

    private static void AddParts(StageKeyBuilder key, string name, object value)
    {
        var parts = s_parts.GetOrAdd(value.GetType(), PartsOf);
        key.Add(name, $"{parts.Length} parts");
        foreach (var part in parts) Add(key, part.Name, part.Read(value));
    }

    // Every field is the store of a property that counts or is said not to: nothing is left out unseen.
    private static Part[] PartsOf(Type type)
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        if (type.IsAssignableTo(typeof(Delegate))) throw Unknown(type, "code has no content");
        PropertyInfo[] properties = [.. type.GetProperties(Own).Where(p => p.GetIndexParameters().Length == 0)];
        var stores = type.GetFields(Own).Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        var stored = properties.Where(p => stores.Remove($"<{p.Name}>k__BackingField")).ToArray();
        if (stored.Length == 0 || stores.Count > 0) throw Unknown(type, $"{(stores.Count > 0 ? $"it keeps '{stores.First()}' outside of its properties" : "it has no properties")}");
        return [.. stored.Where(p => p.GetCustomAttribute<NoInfluenceAttribute>() is null).OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => new Part(p.Name, p.GetValue))];
    }

    private static InvalidOperationException Unknown(Type type, string why) =>
        new($"{type} cannot be among a stage's inputs, because {why}. Give the stage the values that it needs, or a handle.");

    private sealed record Part(string Name, Func<object, object?> Read);
}
