using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Haq.Benchmarks.Strategies;
using Haq.Engine.Evaluation;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Runtime;
using Haq.Engine.Search;
using Haq.Engine.Search.Ddpg;

namespace Haq.Benchmarks.Reproduction;

/// <summary>An opened network with its data and a budget, on which the methods of a group run one after the other.</summary>
internal sealed class OpenedGroup : IDisposable
{
    private readonly string _folder;
    private readonly CancellationToken _cancellation;
    private readonly Workspace _workspace;

    /// <summary>Opens what <paramref name="group"/> needs.</summary>
    /// <param name="group">The group.</param>
    /// <param name="shared">The folder with models and data sets.</param>
    /// <param name="folder">A folder for scratch files.</param>
    /// <param name="agent">The file of a trained agent; null to begin anew.</param>
    /// <param name="cancellation">Ends everything; what was measured stays in the cache.</param>
    public OpenedGroup(CellGroup group, string shared, string folder, string? agent, CancellationToken cancellation)
    {
        (Group, _folder, _cancellation) = (group, folder, cancellation);
        string manifest = Path.Combine(folder, "haq.yaml");
        File.WriteAllText(manifest, ReproducedNetwork.Of(group.Network).Manifest(group, Path.GetFullPath(shared), Path.Combine(Path.GetTempPath(), "haq-reproduction", group.Network)));
        var options = new PipelineOptions(manifest, new StageCache(StageCache.DefaultRoot)) { Agent = agent, Strategy = "ddpg" };
        string share = group.UniformBits is { } bits ? UniformShare(options, bits) : group.Budget;
        _workspace = Workspace.Open(options with { Budget = $"{group.Quantity.Key()}: {share}" }, null, cancellation);
    }

    /// <summary>What was opened.</summary>
    public CellGroup Group { get; }

    /// <summary>The agent that HAQ's search ends with; from the cache where that search was run before.</summary>
    public byte[] TrainedAgent() => _workspace.Stages.Searched("ddpg", null).Value.Agent ?? throw new InvalidOperationException($"the search of '{Group}' left no agent");

    /// <summary>Runs a method and measures the file that its policy gives.</summary>
    /// <param name="cell">A cell of this group.</param>
    /// <param name="known">Earlier results: a file that was measured on the same images is not measured again.</param>
    public CellResult Run(Cell cell, IEnumerable<CellResult> known)
    {
        // Calibration and the float model's outputs are every method's, and no part of its time.
        _ = (_workspace.Quantizer, _workspace.SearchSet, _workspace.ReportedSet);
        var clock = Stopwatch.StartNew();
        var choice = Choose(cell.Method);
        double seconds = clock.Elapsed.TotalSeconds;
        var (policy, pricing) = (choice.Policy, _workspace.Pricing);
        var cost = pricing.Costs.PriceWhole(policy);
        string file = Path.Combine(_folder, "exported.onnx");
        Export(policy, file);
        string digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
        string right = Packed(_workspace.ReportedSet.FloatSamples.AsSpan());
        int images = _workspace.ReportedSet.Count;
        var same = known.FirstOrDefault(r => r.File == digest && r.Float == right && r.Images == images);
        var (correct, loss) = same is null ? Measure(file) : (same.Correct, same.Loss);
        return new CellResult(cell.ToString(), policy.ToString(), Bound, Group.Quantity.Of(cost), Whole, images, right, correct, loss, digest)
        {
            SearchedLoss = choice.Loss,
            Evaluated = choice.Evaluated,
            Seconds = Math.Round(seconds, 1),
            EndedIn = choice.EndedIn,
            Layers = string.Concat(_workspace.Model.Items.Select(Letter)),
            Latencies = Group.Quantity == Quantity.Size ? null : Elsewhere(policy, Quantity.Latency),
            Energies = Group.Quantity == Quantity.Size ? null : Elsewhere(policy, Quantity.Energy),
        };
    }

    private Choice Choose(string method)
    {
        var pricing = _workspace.Pricing;
        if (method == "rule")
        {
            return new Choice(SequentialProjection.Apply(pricing.Space, pricing.Costs, pricing.Budget, pricing.Space.Widest)
                ?? throw new InvalidOperationException($"HAQ's rule has no policy for '{Group}'"));
        }
        if (method != "uniform")
        {
            var outcome = _workspace.Stages.Searched(method, null).Value.Outcome;
            return new Choice(outcome.Policy) { Loss = outcome.Score?.Loss, Evaluated = outcome.Evaluated, EndedIn = outcome.EndedIn };
        }
        if (Group.UniformBits is { } bits) return new Choice(pricing.UniformPair(PairOf(bits))!);
        var evaluator = new MeasuredEvaluator(_workspace.Quantizer, _workspace.SearchSet);
        var scored = UniformPolicies.Within(pricing.Space, pricing.Costs, pricing.Budget).Select(p => (Policy: p, evaluator.Evaluate(p, _cancellation).Loss)).ToList();
        var best = scored.MinBy(p => p.Loss);
        return new Choice(best.Policy) { Loss = best.Loss, Evaluated = scored.Count };
    }

    private void Export(Policy policy, string file)
    {
        var start = _workspace.Stages.Quantized(policy);
        QdqExporter.Export(QuantizationPipeline.Final(start, Group.Epochs == 0 ? null : _workspace.Stages.Finetuned(start)).Value).Save(file);
    }

    // Stock ONNX Runtime. Processors without VNNI saturate sums of products of int8 weights at 16 bits unless asked not to, which none of the targets does.
    private (string Correct, double Loss) Measure(string file)
    {
        var model = OnnxModel.Load(file);
        using var session = new OrtSession(model, PlainSession.For(model, elsewhere: true));
        var samples = _workspace.ReportedSet.Run(session, _cancellation);
        return (Packed(samples), samples.Average(s => s.Divergence));
    }

    private string UniformShare(PipelineOptions options, int bits)
    {
        using var workspace = Workspace.Open(options, null, _cancellation);
        var pricing = workspace.Pricing;
        var uniform = pricing.UniformPair(PairOf(bits)) ?? throw new InvalidOperationException($"'{Group}': the target does not compute with {bits} bits");
        double whole = Group.Quantity == Quantity.Size ? pricing.FloatSizeBits : Group.Quantity.Of(pricing.EightBit);
        // A hair more than the policy costs, so that rounding does not refuse it.
        return ((Group.Quantity.Of(pricing.Costs.PriceWhole(uniform)) / whole) * (1 + 1e-9)).ToString("F12", CultureInfo.InvariantCulture) + "x";
    }

    private LayerBits PairOf(int bits) => Group.Quantity == Quantity.Size ? new LayerBits(new Bitwidth(bits), Bitwidth.Float) : LayerBits.Uniform(new Bitwidth(bits));

    private double Bound => Group.Quantity switch
    {
        Quantity.Energy => _workspace.Pricing.Budget.EnergyJoules,
        Quantity.Size => _workspace.Pricing.Budget.SizeBits,
        _ => _workspace.Pricing.Budget.LatencySeconds,
    } ?? throw new InvalidOperationException($"'{Group}' has no budget");

    private double Whole => Group.Quantity == Quantity.Size ? _workspace.Pricing.FloatSizeBits : Group.Quantity.Of(_workspace.Pricing.EightBit);

    // Widths that a target does not compute with are rounded up there.
    private Dictionary<string, double> Elsewhere(Policy policy, Quantity quantity)
    {
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (string name in CellPlan.Targets)
        {
            var costs = CostTable.Build(HardwareCatalog.Load(CellPlan.HardwareOf(name), _folder), _workspace.Model.Items, _workspace.Pricing.Costs.FixedBits);
            if (quantity == Quantity.Energy && !costs.HasEnergy) continue;
            var eight = costs.PriceWhole(Policy.Uniform(policy.Count, LayerBits.Uniform(Bitwidth.Eight)));
            shares[name] = quantity.Of(costs.PriceWhole(policy)) / quantity.Of(eight);
        }
        return shares;
    }

    private static string Packed(ReadOnlySpan<SampleScore> samples)
    {
        bool[] hits = new bool[samples.Length];
        for (int i = 0; i < hits.Length; i++) hits[i] = samples[i].Top1;
        return StrategyRun.Pack(hits);
    }

    private static string Letter(QuantizableLayer layer) => layer.Shape switch
    {
        { IsDepthwise: true } => "d",
        { Op: OpKind.Gemm or OpKind.MatMul } => "f",
        { Kernel: [1, 1] } => "p",
        _ => "c",
    };

    private sealed record Choice(Policy Policy)
    {
        public double? Loss { get; init; }

        public int Evaluated { get; init; }

        public string? EndedIn { get; init; }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _workspace.Stages.Candidates.Close();
        _workspace.Stages.Measurements.Close();
        _workspace.Dispose();
    }
}
