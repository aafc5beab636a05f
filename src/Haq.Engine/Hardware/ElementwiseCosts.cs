using System.Collections.Immutable;
using System.Globalization;

namespace Haq.Engine.Hardware;

/// <summary>
/// What sums, softmax, normalizations and changes of width cost beside the array: the traffic of the tensors that they read and write, and the
/// vector unit's time where the hardware file gives it.
/// </summary>
/// <param name="PerCycle">Numbers that the vector unit reads or writes in a cycle; null where it is never what holds a pass up.</param>
/// <param name="ConvertsPerCycle">Numbers whose width it changes in a cycle; null as above.</param>
/// <param name="HasTraffic">Memory traffic counts even where the file says nothing of the vector unit.</param>
internal sealed record ElementwiseCosts(int? PerCycle, int? ConvertsPerCycle, bool HasTraffic)
{
    private const string Elementwise = "elementwise", Convert = "convert", Rate = "elements_per_cycle";

    private static readonly ImmutableArray<HardwareKey> s_rate = [HardwareKey.Integer(Rate, "numbers in a cycle", max: 1 << 20)];

    /// <summary>The keys of a hardware file.</summary>
    public static ImmutableArray<HardwareKey> Keys { get; } =
    [
        HardwareKey.Mapping(Elementwise, "the vector unit's reads and writes for what is no layer, as in {elements_per_cycle: 32}"),
        HardwareKey.Mapping(Convert, "changes of width, as in {elements_per_cycle: 16}"),
    ];

    /// <summary>Reads the keys.</summary>
    /// <param name="file">The hardware file.</param>
    /// <param name="hasTraffic">Traffic counts even where both keys are absent.</param>
    public static ElementwiseCosts Read(HardwareDocument file, bool hasTraffic)
    {
        int? all = RateOf(file, Elementwise), converts = RateOf(file, Convert);
        return new ElementwiseCosts(all, converts, hasTraffic || all is not null || converts is not null);
    }

    /// <summary>The passes over a tensor.</summary>
    public LayerCost Price(in TensorWork work, double bitsPerCycle, double clockHertz, EnergyConstants? energy) =>
        Of(work.Bits, checked(work.Elements * work.Passes * work.Batch), PerCycle, bitsPerCycle, clockHertz, energy);

    /// <summary>A pass that reads a tensor at one width and writes it at another.</summary>
    public LayerCost PriceConvert(in TensorWork work, Layers.Bitwidth to, double bitsPerCycle, double clockHertz, EnergyConstants? energy)
    {
        long numbers = checked(work.Elements * work.Batch);
        return Of(checked(numbers * (work.Stored + to)), numbers, ConvertsPerCycle, bitsPerCycle, clockHertz, energy);
    }

    /// <summary>What the model takes for granted, in a sentence.</summary>
    public string Describe() => (PerCycle, HasTraffic) switch
    {
        (null, false) => "Pooling, addition and requantization are free; DRAM has no row effects.",
        (null, true) =>
            "Between layers, sums, softmax, normalizations and changes of width cost the memory traffic of their tensors where the hardware keeps integers alone, and are free otherwise; DRAM has no row effects.",
        var (rate, _) => string.Create(CultureInfo.InvariantCulture,
            $"Between layers, sums, softmax, normalizations and changes of width take the longer of their tensors' memory traffic and a vector unit of {rate} numbers a cycle; DRAM has no row effects."),
    };

    private LayerCost Of(long bits, long numbers, int? rate, double bitsPerCycle, double clockHertz, EnergyConstants? energy)
    {
        if (!HasTraffic || numbers == 0) return new LayerCost(0, 0, energy is null ? null : default(Energy), default, default, 0);
        long traffic = (long)Math.Ceiling(bits / bitsPerCycle), compute = rate is { } r ? (numbers + r - 1) / r : 0, cycles = Math.Max(traffic, compute);
        double seconds = cycles / clockHertz;
        return new LayerCost(cycles, seconds, energy?.Of(0, 0, bits, bits, seconds), new DramBits(0, bits, 0), new CostTerms(compute, 0, traffic, 0), 0);
    }

    private static int? RateOf(HardwareDocument file, string name)
    {
        if (file.Section(name, s_rate) is not { } section) return null;
        int rate = section.Integer(Rate);
        file.Remember(name, section);
        return rate;
    }
}
