using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using YamlDotNet.RepresentationModel;

namespace Haq.Engine.Yaml;

/// <summary>The entries of a YAML mapping.</summary>
public sealed class YamlMapping
{
    private readonly string _file;
    private readonly string _key;
    private readonly YamlMappingNode _node;

    internal YamlMapping(string file, string key, YamlMappingNode node) => (_file, _key, _node) = (file, key, node);

    /// <summary>Where it starts.</summary>
    public SourceLocation Location => new(_file, (int)_node.Start.Line, (int)_node.Start.Column);

    /// <summary>All entries in the order written, each key with its own position.</summary>
    public IEnumerable<(string Key, SourceLocation KeyLocation, YamlValue Value)> Entries
    {
        get
        {
            foreach (var (key, value) in _node.Children)
            {
                var at = new SourceLocation(_file, (int)key.Start.Line, (int)key.Start.Column);
                if (key is not YamlScalarNode { Value: { } name }) throw DiagnosticCatalog.InvalidValue.Error(at, "a key must be plain text.");
                yield return (name, at, new YamlValue(_file, name, value));
            }
        }
    }

    /// <summary>The value under <paramref name="key"/>, or null when the key is absent.</summary>
    public YamlValue? Find(string key) => _node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? new YamlValue(_file, key, value) : null;

    /// <summary>The value under <paramref name="key"/>.</summary>
    /// <exception cref="HaqException">The key is absent (HAQ0003).</exception>
    public YamlValue Require(string key, string purpose) =>
        Find(key) ?? throw DiagnosticCatalog.MissingKey.Error(Location, $"{_key} needs '{key}': {purpose}.");

    /// <summary>Refuses keys outside <paramref name="known"/>, with the one that was probably meant.</summary>
    /// <exception cref="HaqException">There is such a key (HAQ0002).</exception>
    public void RejectUnknownKeys(IReadOnlyCollection<string> known)
    {
        if (UnknownKeys(known).FirstOrDefault() is { } first) throw new HaqException(first);
    }

    /// <summary>An error for every key outside <paramref name="known"/> (HAQ0002).</summary>
    public IEnumerable<Diagnostic> UnknownKeys(IReadOnlyCollection<string> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        foreach (var (key, at, _) in Entries)
        {
            if (known.Contains(key)) continue;
            string? meant = Suggestion.For(key, known);
            string next = meant is null ? $"Known here: {string.Join(", ", known.Order(StringComparer.Ordinal))}." : $"Did you mean '{meant}'?";
            yield return DiagnosticCatalog.UnknownKey.At(at, $"unknown key '{key}'. {next}");
        }
    }

    /// <summary>
    /// Every scalar of the document with the path to it, such as <c>data.calibration.path</c> or <c>bits.weights[0]</c>, in the order written: all that a document says, without its comments,
    /// spaces and styles of writing. Text in quotes that would be something else without them keeps them.
    /// </summary>
    public IEnumerable<(string Path, string Value)> Flatten() => YamlFlattening.Of(_node);
}
