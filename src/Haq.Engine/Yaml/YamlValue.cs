using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics.Units;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Haq.Engine.Yaml;

/// <summary>One value of a document with its position; conversions fail with an error that points there.</summary>
public sealed class YamlValue
{
    private readonly string _file;
    private readonly YamlNode _node;

    internal YamlValue(string file, string key, YamlNode node) => (_file, Key, _node) = (file, key, node);

    /// <summary>The key it was found under, for messages.</summary>
    public string Key { get; }

    /// <summary>Where it starts.</summary>
    public SourceLocation Location => new(_file, (int)_node.Start.Line, (int)_node.Start.Column);

    /// <summary>It is a mapping.</summary>
    public bool IsMapping => _node is YamlMappingNode;

    /// <summary>It is a sequence.</summary>
    public bool IsSequence => _node is YamlSequenceNode;

    /// <summary>It is a scalar.</summary>
    public bool IsScalar => _node is YamlScalarNode;

    /// <summary>Its entries.</summary>
    public YamlMapping AsMapping() => _node is YamlMappingNode mapping
        ? new YamlMapping(_file, Key, mapping)
        : throw Invalid("expected a mapping of keys to values");

    /// <summary>Its items.</summary>
    public IReadOnlyList<YamlValue> AsSequence() => _node is YamlSequenceNode sequence
        ? [.. sequence.Children.Select(child => new YamlValue(_file, Key, child))]
        : throw Invalid("expected a list, as in [1, 2]");

    /// <summary>Its text, as written.</summary>
    public string AsText() => _node is YamlScalarNode { Value.Length: > 0 } scalar && !IsNull ? scalar.Value : throw Invalid("expected a value");

    /// <summary>A file; relative paths are meant from the folder of the document.</summary>
    public FileReference AsFile()
    {
        string text = AsText();
        return text.Contains('\0', StringComparison.Ordinal) ? throw Invalid("expected a path") : FileReference.Resolve(text, Location);
    }

    /// <summary>It is empty, <c>~</c> or <c>null</c>.</summary>
    public bool IsNull => _node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    /// <summary>A whole number between the bounds, both included.</summary>
    public int AsInteger(int min, int max) =>
        int.TryParse(AsText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= min && value <= max
            ? value
            : throw Invalid($"expected a whole number in {min}..{max}");

    /// <summary>A finite number between the bounds, both included.</summary>
    public double AsNumber(double min, double max) =>
        double.TryParse(AsText(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= min && value <= max
            ? value
            : throw Invalid(string.Create(CultureInfo.InvariantCulture, $"expected a number in {min}..{max}"));

    /// <summary>A number with its unit, in one of the <paramref name="accepted"/> dimensions; never negative.</summary>
    public Quantity AsQuantity(params ReadOnlySpan<Dimension> accepted) =>
        Quantity.TryParse(AsText(), accepted, out var quantity, out string expectation) ? quantity : throw Invalid(expectation);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool AsBoolean() => AsText() switch
    {
        "true" => true,
        "false" => false,
        _ => throw Invalid("expected true or false"),
    };

    /// <summary>One of <paramref name="choices"/>.</summary>
    public string AsOneOf(params IReadOnlyCollection<string> choices)
    {
        string text = AsText();
        if (choices.Contains(text)) return text;
        string? meant = Suggestion.For(text, choices);
        throw Invalid($"expected one of {string.Join(", ", choices)}" + (meant is null ? "" : $"; did you mean '{meant}'?"));
    }

    /// <summary>The error HAQ0004 at this value: «'key' is 'text'; <paramref name="expectation"/>».</summary>
    public HaqException Invalid(string expectation)
    {
        string found = _node switch
        {
            YamlScalarNode { Value: { Length: > 0 } text } => $"is '{text}'",
            YamlScalarNode => "is empty",
            YamlSequenceNode => "is a list",
            _ => "is a mapping",
        };
        return DiagnosticCatalog.InvalidValue.Error(Location, $"'{Key}' {found}: {expectation}.");
    }
}
