using System.Collections.Immutable;
using Haq.Engine.Hardware.Measured;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Probes;

/// <summary>
/// Corrects what probes took by what whole networks took. The time of every run (the empty probe's) is taken off each probe once; at each pair of widths, layers are scaled so that they add
/// up to the uniform network; and changes of width are scaled by least squares over the mixed networks. T = o + Σ_p s_p Σ_{l: p} (t_l,p - o) + k Σ (c - o).
/// </summary>
internal sealed class TimesFit
{
    // Of a probe that hardly takes longer than an empty one, this much is its own.
    private const double LeastShare = 0.02, LeastScale = 1e-3, MostScale = 1e3;

    private readonly ProbeBundle _bundle;
    private readonly Func<string, double> _of;
    private readonly LayerBits[] _widths;
    private readonly Dictionary<(LayerBits From, LayerBits To, long Elements), double> _converts = [];

    private TimesFit(ProbeBundle bundle, Func<string, double> of)
    {
        (_bundle, _of) = (bundle, of);
        _widths = [.. bundle.Widths.Select(bundle.BitsOf)];
        Overhead = of(bundle.Empty);
        foreach (var convert in bundle.Converts)
        {
            foreach (var from in _widths.Where(w => ContainerOf(w) == convert.From))
                foreach (var to in _widths.Where(w => ContainerOf(w) == convert.To)) _converts[(from, to, convert.Elements)] = Net(of(convert.Probe));
        }
        Scales = bundle.Widths.ToImmutableDictionary(pair => pair, ScaleOf, StringComparer.Ordinal);
        var mixed = bundle.Policies.Where(p => !p.IsUniform).ToArray();
        ConvertScale = Factor(mixed);
        HeldOut = [.. mixed.Select(p => Error(p, Factor(mixed.Where(o => o != p))))];
    }

    /// <summary>What every run takes.</summary>
    public double Overhead { get; }

    /// <summary>By pair of widths: the uniform network over the sum of its layers.</summary>
    public ImmutableDictionary<string, double> Scales { get; }

    /// <summary>What a change of width takes in a network, over what it takes alone.</summary>
    public double ConvertScale { get; }

    /// <summary>The relative error of each mixed network under a fit that had not seen it, predicted over measured less 1.</summary>
    public ImmutableArray<double> HeldOut { get; }

    /// <summary>How far off a prediction has to be expected: the root mean square of <see cref="HeldOut"/>, or of what the layers' sum is off where no mixed network was measured.</summary>
    public double ExpectedError
    {
        get
        {
            double[] errors = HeldOut.IsEmpty ? [.. Scales.Values.Select(s => 1 / s - 1)] : [.. HeldOut];
            return Math.Sqrt(errors.Sum(e => e * e) / errors.Length);
        }
    }

    /// <summary>Fits times.</summary>
    public static TimesFit OfSeconds(ProbeBundle bundle, IReadOnlyDictionary<string, ProbeTime> times) => new(bundle, probe => times[probe].Seconds);

    /// <summary>Fits energies; null where not all of them are known.</summary>
    public static TimesFit? OfJoules(ProbeBundle bundle, IReadOnlyDictionary<string, ProbeTime> times) =>
        bundle.Probes.All(p => times[p.Name].Joules is > 0) ? new(bundle, probe => times[probe].Joules!.Value) : null;

    /// <summary>What a policy of the bundle takes by this fit.</summary>
    public double Predict(ProbedPolicy policy) => Predict(policy, ConvertScale);

    /// <summary>What a layer takes in a network. The first one has what every run takes, and what comes before it.</summary>
    public double LayerAt(int layer, string pair) => Scales[pair] * Raw(layer, pair) + (layer == 0 ? Overhead : 0);

    /// <summary>What a change of width takes in a network.</summary>
    public double Convert(ProbedConvert convert) => ConvertScale * Net(_of(convert.Probe));

    // Integers of up to 8 bits are stored alike.
    private static int ContainerOf(LayerBits bits) => Math.Max(bits.Activations, Bitwidth.Eight);

    private double Predict(ProbedPolicy policy, double convertScale) =>
        Overhead + policy.Bits.Select((pair, i) => Scales[pair] * Raw(i, pair)).Sum() + convertScale * Changes(policy);

    private double Error(ProbedPolicy policy, double convertScale) => Predict(policy, convertScale) / _of(policy.Probe) - 1;

    private double Raw(int layer, string pair) =>
        Net(_of(_bundle.Layers[layer].ProbeAt(pair))) + (layer == 0 && _bundle.Start.TryGetValue(pair, out string? start) ? Net(_of(start)) : 0);

    private double Net(double time) => Math.Max(LeastShare * time, time - Overhead);

    private double ScaleOf(string pair)
    {
        var uniform = _bundle.Policies.FirstOrDefault(p => p.IsUniform && p.Bits[0] == pair);
        if (uniform is null) return 1;
        double layers = Enumerable.Range(0, _bundle.Layers.Length).Sum(i => Raw(i, pair));
        return Math.Clamp(Net(_of(uniform.Probe)) / layers, LeastScale, MostScale);
    }

    private double Changes(ProbedPolicy policy) => _bundle.Borders
        .Sum(b => _converts.GetValueOrDefault((_bundle.BitsOf(policy.Bits[b.From]), _bundle.BitsOf(policy.Bits[b.To]), b.Elements)));

    // Least squares of the relative error in the one unknown; none below nothing.
    private double Factor(IEnumerable<ProbedPolicy> mixed)
    {
        double products = 0, squares = 0;
        foreach (var policy in mixed)
        {
            double total = _of(policy.Probe), changes = Changes(policy) / total, rest = 1 - Predict(policy, 0) / total;
            products += changes * rest;
            squares += changes * changes;
        }
        return squares > 0 ? Math.Max(0, products / squares) : 1;
    }

    /// <summary>The fit as entries of a measured table.</summary>
    /// <param name="seconds">The fit of times.</param>
    /// <param name="joules">That of energies, where there is one.</param>
    public static IEnumerable<MeasuredEntry> Entries(TimesFit seconds, TimesFit? joules)
    {
        var bundle = seconds._bundle;
        for (int i = 0; i < bundle.Layers.Length; i++)
        {
            foreach (string pair in bundle.Widths)
                yield return new MeasuredEntry(bundle.Layers[i].Name, bundle.BitsOf(pair), seconds.LayerAt(i, pair), joules?.LayerAt(i, pair));
        }
        foreach (var convert in bundle.Converts)
        {
            if (seconds.Convert(convert) is not (>= 1e-12 and var time)) continue;
            yield return new MeasuredEntry(MeasuredConverts.NameOf(convert.Elements), new LayerBits(convert.From, convert.To), time, joules is null ? null : Math.Max(1e-15, joules.Convert(convert)));
        }
    }
}
