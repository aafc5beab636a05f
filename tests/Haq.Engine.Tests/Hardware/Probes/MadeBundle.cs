using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Hardware.Probes;

/// <summary>A bundle of three layers in a row, at w8a8 and w32a32, without files.</summary>
internal static class MadeBundle
{
    public const double Overhead = 2e-5;

    private static readonly string[] s_widths = ["w8a8", "w32a32"];

    private static readonly LayerShape[] s_shapes = [LayerShape.Conv2D(3, 16, 3, 1, 32, 32), LayerShape.Conv2D(16, 32, 3, 2, 32, 16), LayerShape.Dense(512, 10)];

    private static readonly string[][] s_policies =
    [
        ["w8a8", "w8a8", "w8a8"], ["w32a32", "w32a32", "w32a32"], ["w8a8", "w32a32", "w8a8"], ["w32a32", "w8a8", "w32a32"], ["w8a8", "w32a32", "w32a32"],
    ];

    public static ProbeBundle Make(string digest = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")
    {
        var layers = s_shapes.Select((s, i) => new ProbedLayer($"l{i}", LoopNest.Of(s), Names($"layer-{i}"), Names(i == 1 ? "group-1" : $"layer-{i}"))).ToImmutableArray();
        ImmutableArray<ProbedBorder> borders = [new(0, 1, 16384), new(1, 2, 8192)];
        ImmutableArray<ProbedConvert> converts =
        [
            .. borders.Select(b => new ProbedConvert(b.Elements, 8, 32, $"up-{b.Elements}")), .. borders.Select(b => new ProbedConvert(b.Elements, 32, 8, $"down-{b.Elements}")),
        ];
        ImmutableArray<ProbedPolicy> policies = [.. s_policies.Select((p, i) => new ProbedPolicy($"net-{i}", [.. p]))];
        string[] names = [.. layers.SelectMany(l => l.Alone.Values.Concat(l.Group.Values)).Concat(converts.Select(c => c.Probe)).Distinct()];
        return new ProbeBundle
        {
            Version = 1, Model = "made.onnx", ModelDigest = digest, Batch = 1, Widths = [.. s_widths], Layers = layers, Borders = borders, Converts = converts,
            Start = ImmutableSortedDictionary<string, string>.Empty, Empty = "empty", Policies = policies,
            Probes = [new("empty", ProbeKind.Empty, 0, []), .. policies.Select(p => new Probe(p.Probe, ProbeKind.Policy, 1, [])), .. names.Select(n => new Probe(n, KindOf(n), WorkOf(n), []))],
        };
    }

    /// <summary>A device that follows the fit's own equation: layers in a network take these shares of what they take alone, changes of width that one.</summary>
    public static double SecondsOf(ProbeBundle bundle, string probe, double eight = 0.8, double real = 0.9, double convert = 0.5)
    {
        if (probe == bundle.Empty) return Overhead;
        if (bundle.Policies.FirstOrDefault(p => p.Probe == probe) is not { } policy) return Overhead + Net(probe);
        double layers = policy.Bits.Select((pair, i) => (pair == "w8a8" ? eight : real) * Net(bundle.Layers[i].Group[pair])).Sum();
        double changes = bundle.Borders.Sum(b => policy.Bits[b.From] == policy.Bits[b.To] ? 0 : Net($"{(policy.Bits[b.From] == "w8a8" ? "up" : "down")}-{b.Elements}"));
        return Overhead + layers + convert * changes;
    }

    public static string Csv(ProbeBundle bundle, Func<string, double> seconds, string columns = "probe,seconds", Func<string, string>? more = null) =>
        $"# device: a made one\n{columns}\n{string.Concat(bundle.Probes.Select(p => $"{p.Name},{seconds(p.Name).ToString("R", CultureInfo.InvariantCulture)}{more?.Invoke(p.Name)}\n"))}";

    private static double Net(string probe)
    {
        double work = WorkOf(probe);
        double rate = probe.Contains("w8a8", StringComparison.Ordinal) ? 4e9 : 1e9;
        return work / rate + (probe.StartsWith("group", StringComparison.Ordinal) ? 1e-5 : 0);
    }

    private static ImmutableSortedDictionary<string, string> Names(string stem) => s_widths.ToImmutableSortedDictionary(w => w, w => $"{stem}-{w}", StringComparer.Ordinal);

    private static ProbeKind KindOf(string name) => name[0] switch { 'g' => ProbeKind.Group, 'l' => ProbeKind.Layer, _ => ProbeKind.Convert };

    private static long WorkOf(string name) => name.StartsWith("layer", StringComparison.Ordinal) || name.StartsWith("group", StringComparison.Ordinal)
        ? s_shapes[name[6] - '0'].Macs : long.Parse(name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);
}
