using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Probes;

/// <summary>What is measured of a network on a device: <c>measure.json</c>.</summary>
public sealed record ProbeBundle
{
    /// <summary>The file's name in the bundle's folder.</summary>
    public const string FileName = "measure.json";

    /// <summary>The form of the file that this engine writes and reads.</summary>
    public const int CurrentVersion = 1;

    private const string InputFolder = "inputs/";
    private const int DigestDigits = 64;

    private static readonly JsonSerializerOptions s_layout = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The form of the file.</summary>
    public required int Version { get; init; }

    /// <summary>The network's name.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256 of its file.</summary>
    public required string ModelDigest { get; init; }

    /// <summary>Images at a time.</summary>
    public required int Batch { get; init; }

    /// <summary>The pairs of widths that are measured.</summary>
    public required ImmutableArray<string> Widths { get; init; }

    /// <summary>The layers, by index.</summary>
    public required ImmutableArray<ProbedLayer> Layers { get; init; }

    /// <summary>The tensors between layers that can change their width.</summary>
    public required ImmutableArray<ProbedBorder> Borders { get; init; }

    /// <summary>The changes of width.</summary>
    public required ImmutableArray<ProbedConvert> Converts { get; init; }

    /// <summary>By pair of widths: the probe of what comes before the first layer, where anything does.</summary>
    public required ImmutableSortedDictionary<string, string> Start { get; init; }

    /// <summary>The probe of what every run takes.</summary>
    public required string Empty { get; init; }

    /// <summary>Whole networks.</summary>
    public required ImmutableArray<ProbedPolicy> Policies { get; init; }

    /// <summary>All probes, in the order to measure them in.</summary>
    public required ImmutableArray<Probe> Probes { get; init; }

    /// <summary>Reads the bundle in <paramref name="folder"/>.</summary>
    /// <exception cref="HaqException">There is none, or it cannot be read (HAQ0231).</exception>
    public static ProbeBundle Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            OrdinaryFile.Require(path);
            var bundle = JsonSerializer.Deserialize<ProbeBundle>(File.ReadAllText(path), s_layout) ?? throw new JsonException("it holds nothing");
            if (bundle.Version != CurrentVersion) throw new JsonException($"it is of version {bundle.Version}, and {CurrentVersion} is what can be read");
            return bundle.Checked();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCatalog.BundleUnreadable.Error(path, $"there is no bundle to read: {e.Message} Write one with 'haq measure MODEL --output DIR', or give the folder of one.", e);
        }
        catch (JsonException e)
        {
            var at = new SourceLocation(path, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1);
            throw DiagnosticCatalog.BundleUnreadable.Error(at, $"is no list of probes: {e.Message.TrimEnd('.')}. Write the bundle again with 'haq measure MODEL --output DIR'; times that are there are kept.", e);
        }
    }

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_layout) + "\n";

    /// <summary>The list that runners read, of probes that belong to no network's bundle.</summary>
    public static string ListOf(ImmutableArray<Probe> probes) => JsonSerializer.Serialize(new { Version = CurrentVersion, Probes = probes }, s_layout) + "\n";

    /// <summary>The layers' pairs of widths under a policy of the bundle.</summary>
    public LayerBits BitsOf(string pair) => LayerBits.TryParse(pair, out var bits) ? bits : throw new ArgumentException($"'{pair}' is no pair of widths", nameof(pair));

    // What the file says of itself holds together: everything that is named is there.
    private ProbeBundle Checked()
    {
        bool lacks = Layers.IsDefaultOrEmpty || Widths.IsDefaultOrEmpty || Probes.IsDefaultOrEmpty;
        if (lacks || Policies.IsDefault || Converts.IsDefault || Borders.IsDefault) throw new JsonException("a list is missing or empty");
        if (ModelDigest.Length != DigestDigits || !ModelDigest.All(char.IsAsciiHexDigit)) throw new JsonException($"'{ModelDigest}' is no SHA-256 of a model: expected {DigestDigits} hexadecimal digits");
        if (Probes.Any(p => p is null || p.Inputs.IsDefault)) throw new JsonException("a probe has no list of inputs");
        if (Probes.GroupBy(p => p.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new JsonException($"the probe '{twice.Key}' is listed more than once");
        var names = Probes.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var named = Layers.SelectMany(l => l.Alone.Values.Concat(l.Group.Values)).Concat(Converts.Select(c => c.Probe)).Concat(Policies.Select(p => p.Probe)).Concat(Start.Values).Append(Empty);
        if (named.FirstOrDefault(n => !names.Contains(n)) is { } lost) throw new JsonException($"the probe '{lost}' is named, but not listed");
        if (names.FirstOrDefault(n => !IsFileName(n)) is { } odd) throw new JsonException($"'{odd}' is no name for a probe");
        if (Probes.SelectMany(p => p.Inputs).FirstOrDefault(i => !i.File.StartsWith(InputFolder, StringComparison.Ordinal) || !IsFileName(i.File[InputFolder.Length..])) is { } outside)
            throw new JsonException($"'{outside.File}' is no input of a probe: expected a file right in {InputFolder}");
        if (Widths.FirstOrDefault(w => !LayerBits.TryParse(w, out _)) is { } width) throw new JsonException($"'{width}' is no pair of widths");
        foreach (var layer in Layers)
            if (Widths.FirstOrDefault(w => !layer.Group.ContainsKey(w) || !layer.Alone.ContainsKey(w)) is { } pair) throw new JsonException($"'{layer.Name}' has no probe at {pair}");
        if (Policies.FirstOrDefault(p => p.Bits.Length != Layers.Length || p.Bits.Any(b => !Widths.Contains(b))) is { } policy) throw new JsonException($"'{policy.Probe}' does not fit the layers");
        if (Borders.Any(b => b.From < 0 || b.From >= Layers.Length || b.To < 0 || b.To >= Layers.Length)) throw new JsonException("a border joins layers that there are not");
        return this;
    }

    // Such as the writer makes: on no system does it leave the folder, or read as an option.
    private static bool IsFileName(string name) => name.Length > 0 && name[0] is not ('.' or '-') && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '+');
}
