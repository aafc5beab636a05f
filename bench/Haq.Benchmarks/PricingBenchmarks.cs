using BenchmarkDotNet.Attributes;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Tests.Hardware;

namespace Haq.Benchmarks;

/// <summary>
/// Cost tables of MobileNetV2: 53 layers x 64 pairs of widths. Goals on two cores: below 50 ms for bit-serial targets, below 1 s for BitFusion's
/// schedule search; then a policy is priced by a sum.
/// </summary>
[MemoryDiagnoser]
public class PricingBenchmarks
{
    private static readonly QuantizableLayer[] s_layers = Networks.MobileNetV2();
    private static readonly Policy s_policy = Policy.Uniform(s_layers.Length, new LayerBits(4, 6));
    private HardwareTarget _target = null!;
    private CostTable _table = null!;

    /// <summary>Built-in target.</summary>
    [Params("bismo-edge", "bismo-cloud", "bitfusion", "bitfusion-compat")]
    public string Hardware { get; set; } = "";

    /// <summary>Loads the target.</summary>
    [GlobalSetup]
    public void Load()
    {
        _target = HardwareCatalog.Load(Hardware, ".");
        _table = CostTable.Build(_target, s_layers, 0);
    }

    /// <summary>All layers at all pairs.</summary>
    [Benchmark]
    public CostTable Table() => CostTable.Build(_target, s_layers, 0);

    /// <summary>One policy from a table.</summary>
    [Benchmark]
    public NetworkCost Price() => _table.Price(s_policy);
}
