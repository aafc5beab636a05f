using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Yaml;

namespace Haq.Engine.Dialects;

/// <summary>A rule being read: values by key, checked against the key's declaration.</summary>
internal sealed class RuleDocument
{
    /// <summary>Keys of every rule.</summary>
    public static readonly ImmutableArray<DialectKey> CommonKeys =
    [
        new("rule", DialectKeyType.Word, "which rule"),
        new("from", DialectKeyType.Text, "the key of the document that it was read in, one of 'sources'"),
        new("effect", DialectKeyType.Word, "what breaking it leads to", Effects, IsOptional: true),
        new("why", DialectKeyType.Text, "what else there is to know", IsOptional: true),
    ];

    private readonly YamlMapping _yaml;

    public RuleDocument(YamlMapping yaml, DialectRuleKind kind, IReadOnlyCollection<string> sources)
    {
        (_yaml, Kind) = (yaml, kind);
        yaml.RejectUnknownKeys([.. CommonKeys.Concat(kind.Keys).Select(k => k.Name)]);
        Source = yaml.Require("from", "the document that says so, one of 'sources'").AsOneOf(sources);
        Effect = yaml.Find("effect") is { } effect ? Enum.Parse<RuleEffect>(effect.AsOneOf(Effects), ignoreCase: true) : kind.Default;
    }

    private static IReadOnlyList<string> Effects => ["refused", "fallback", "note"];

    public DialectRuleKind Kind { get; }

    public string Source { get; }

    public RuleEffect Effect { get; }

    public SourceLocation Location => _yaml.Location;

    public string? OptionalText(string name) => _yaml.Find(name)?.AsText();

    public string Text(string name) => Require(name).AsText();

    public string Word(string name, string fallback) => _yaml.Find(name) is { } value ? value.AsOneOf([.. Key(name).Choices!]) : fallback;

    public bool Flag(string name) => _yaml.Find(name)?.AsBoolean() ?? false;

    public int? OptionalInteger(string name) => _yaml.Find(name)?.AsInteger(-1_000_000, 1_000_000);

    public long Integer(string name) => Require(name).AsInteger(int.MinValue, int.MaxValue);

    /// <summary>A number, or a fraction such as <c>1/65536</c>.</summary>
    public double Number(string name)
    {
        var value = Require(name);
        string[] parts = value.AsText().Split('/');
        bool good = double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && parts.Length <= 2;
        double divisor = 1;
        if (good && parts.Length == 2) good = double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out divisor) && divisor > 0;
        number /= divisor;
        return good && double.IsFinite(number) ? number : throw value.Invalid("expected a number, or a fraction as in 1/65536");
    }

    /// <summary>A list of words; absent, it is empty.</summary>
    public ImmutableArray<string> Words(string name) => Items(name, item => Key(name).Choices is { } choices ? item.AsOneOf([.. choices]) : item.AsText());

    /// <summary>A list of element types as ONNX writes them: <c>uint8</c>.</summary>
    public ImmutableArray<DataType> Types(string name) => Items(name, TypeOf);

    public DataType Type(string name) => TypeOf(Require(name));

    /// <summary>A list of pairs such as <c>w8a16</c>.</summary>
    public ImmutableArray<LayerBits> Pairs(string name) => Items(name, item =>
        LayerBits.TryParse(item.AsText(), out var pair) ? pair : throw item.Invalid("expected widths of weights and activations, as in w8a16"));

    /// <summary>A list of lists of element types.</summary>
    public ImmutableArray<ImmutableArray<DataType>> TypeLists(string name) => Items(name, item => item.AsSequence().Select(TypeOf).ToImmutableArray());

    /// <summary>Whole numbers by name; absent, it is empty.</summary>
    public ImmutableSortedDictionary<string, int> Integers(string name) => Map(name, value => value.AsInteger(-64, 1_000_000));

    /// <summary>Texts by name; absent, it is empty.</summary>
    public ImmutableSortedDictionary<string, string> Texts(string name) => Map(name, value => value.AsText());

    /// <summary>An error at one of the values.</summary>
    public HaqException Impossible(string name, string what) => DiagnosticCatalog.ImpossibleRule.Error((_yaml.Find(name)?.Location) ?? Location, what);

    private ImmutableArray<T> Items<T>(string name, Func<YamlValue, T> read)
    {
        var value = Key(name).IsOptional ? _yaml.Find(name) : Require(name);
        if (value is null) return [];
        ImmutableArray<T> items = value.IsSequence ? [.. value.AsSequence().Select(read)] : [read(value)];
        return items.Distinct().Count() == items.Length ? items : throw value.Invalid("something is listed twice");
    }

    private ImmutableSortedDictionary<string, T> Map<T>(string name, Func<YamlValue, T> read) =>
        (Key(name).IsOptional ? _yaml.Find(name) : Require(name)) is { } value
            ? value.AsMapping().Entries.ToImmutableSortedDictionary(e => e.Key, e => read(e.Value), StringComparer.Ordinal)
            : ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);

    private static DataType TypeOf(YamlValue value) => QuantizedTypes.ByName.TryGetValue(value.AsOneOf([.. QuantizedTypes.Names]), out var type)
        ? type : throw value.Invalid("expected an element type");

    private YamlValue Require(string name) => _yaml.Require(name, Key(name).Purpose);

    private DialectKey Key(string name) => Kind.Keys.FirstOrDefault(k => k.Name == name) ?? CommonKeys.Single(k => k.Name == name);
}
