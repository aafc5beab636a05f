using Haq.Engine.Diagnostics;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest.Keys;

/// <summary>A mapping of the manifest, read by its table of keys: unknown keys are refused when it is opened.</summary>
internal sealed class Section
{
    private readonly YamlMapping _mapping;
    private readonly KeyGroup _group;

    public Section(YamlMapping mapping, KeyGroup group)
    {
        (_mapping, _group) = (mapping, group);
        mapping.RejectUnknownKeys(group.Names);
    }

    public SourceLocation Location => _mapping.Location;

    /// <summary>The value of <paramref name="key"/>, or its default.</summary>
    public T Get<T>(Key<T> key) => Find(key) is { } value ? key.Read(value) : key.WhenAbsent;

    /// <summary>The value of a required key.</summary>
    /// <exception cref="HaqException">It is absent (HAQ0003).</exception>
    public T Require<T>(Key<T> key) => key.Read(_mapping.Require(key.Name, key.Summary));

    /// <summary>The value with its position, or null when the key is absent.</summary>
    public Located<T>? Locate<T>(Key<T> key) => Find(key) is { } value ? new Located<T>(key.Read(value), value.Location) : null;

    /// <summary>The raw value, or null when the key is absent or its value left empty.</summary>
    public YamlValue? Find<T>(Key<T> key)
    {
        if (!_group.Keys.Contains(key)) throw new ArgumentException($"'{key.Name}' is not a key of this section", nameof(key));
        return _mapping.Find(key.Name) is { IsNull: false } value ? value : null;
    }
}
