using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Systolic;

/// <summary>A systolic array: SCALE-Sim's folds for the array, and a memory interface that works beside it.</summary>
internal sealed class SystolicModel : ICostModel
{
    private readonly SystolicParameters _p;
    private readonly (long Weights, long Input, long Output) _tile;

    public SystolicModel(SystolicParameters parameters)
    {
        _p = parameters;
        int share = _p.IsDoubleBuffered ? 2 : 1;
        _tile = (Share(_p.BufferBits.Weights), Share(_p.BufferBits.Input), Share(_p.BufferBits.Output));
        Assumptions =
        [
            "Activations are gathered as im2col between buffer and array; across DRAM an input moves as it is stored.",
            "The images of a batch are more pixels of one product; depthwise and grouped convolutions run one product per group.",
            "Transposed convolutions run as a product of input pixels by output channels times kernel.",
            _p.AreFoldsOverlapped ? "The array fills for the next fold while it drains." : "The array drains before it fills for the next fold, as in SCALE-Sim.",
            _p.IsDoubleBuffered
                ? $"Half of each buffer is loaded while the array works on the other: the slower of the two counts, plus first load and last store {(_p.StartsWithFold ? "of a fold" : "of half a buffer")}."
                : "The array waits while memory works: both count.",
            "Outputs are written at the width in which their reader wants them; tables take the widest.",
            _p.Elementwise.Describe(),
            EnergyConstants.Describe(_p.Energy),
        ];

        long Share(long bits) => Math.Max(1, bits / share);
    }

    public double? BandwidthBitsPerSecond => _p.DramBitsPerCycle * _p.ClockHertz;

    public bool HasEnergy => _p.Energy is not null;

    public bool IsByName => false;

    public bool RunsNarrowAsWide => true;

    public bool DependsOnOutput => true;

    public IReadOnlyList<string> Assumptions { get; }

    public double? PeakMacsPerSecond(LayerBits computed) => PeakMacsPerCycle(computed) * _p.ClockHertz;

    private double PeakMacsPerCycle(LayerBits computed) => (double)_p.Rows * _p.Cols * Rate(computed);

    private int Rate(LayerBits computed) => _p.MacsPerElement.GetValueOrDefault(computed, 1);

    public LayerCost Price(in Workload work)
    {
        checked
        {
            var shape = work.Shape;
            // Channels share no inputs in a depthwise layer: each is a product of its own.
            var (product, _) = MatrixProduct.Pair(shape, 1, depthwiseGroup: 1);
            long pixels = product.M * work.Batch, groups = product.Count;
            var folds = Folds.Of(_p.Dataflow, pixels, product.N, product.K, _p.Rows, _p.Cols, Rate(work.Computed));
            long compute = (_p.AreFoldsOverlapped ? folds.OverlappedCycles : folds.SerialCycles) * groups;

            long weights = shape.Weights * work.Stored.Weights, input = shape.InputElements * work.Batch * work.Stored.Activations;
            long results = shape.OutputElements * work.Batch;
            var plan = DramPlan.Best(weights, input, results * work.Output, results * _p.AccumulatorBits, _tile);
            var dram = new DramBits(plan.Weights, plan.Input, plan.Output);
            var terms = new CostTerms(compute, Cycles(plan.Weights), Cycles(plan.Input), Cycles(plan.Output));

            long memory = Cycles(dram.Total);
            long first = Cycles(_p.StartsWithFold ? Math.Min(weights + input, InPlace(work)) : Math.Min(weights, _tile.Weights) + Math.Min(input, _tile.Input));
            long last = Cycles(Math.Min(results * work.Output, _p.StartsWithFold ? (long)_p.Rows * _p.Cols * work.Output : _tile.Output));
            long cycles = _p.IsDoubleBuffered ? Math.Max(compute, memory) + first + last : compute + memory;
            double seconds = cycles / _p.ClockHertz;
            var energy = _p.Energy?.Of(work.Macs, work.Computed.Weights * work.Computed.Activations, dram.Total + SramBits(product, pixels, work) * groups, dram.Total, seconds);
            return new LayerCost(cycles, seconds, energy, dram, terms, work.Macs / (cycles * PeakMacsPerCycle(work.Computed)));
        }
    }

    /// <inheritdoc/>
    public LayerCost PriceTensor(in TensorWork work) => _p.Elementwise.Price(work, _p.DramBitsPerCycle, _p.ClockHertz, _p.Energy);

    /// <inheritdoc/>
    public LayerCost PriceConvert(in TensorWork work, Layers.Bitwidth to) => _p.Elementwise.PriceConvert(work, to, _p.DramBitsPerCycle, _p.ClockHertz, _p.Energy);

    // What the array reads and writes for one group: the operand in place once, the other once for every fold across it, sums once per fold along the window.
    private double SramBits(in MatrixProduct product, double pixels, in Workload work)
    {
        double inputs = pixels * product.K * work.Stored.Activations, weights = (double)product.N * product.K * work.Stored.Weights;
        double sums = pixels * product.N * _p.AccumulatorBits;
        double acrossFilters = Math.Ceiling(product.N / (double)_p.Cols), alongWindow = Math.Ceiling(product.K / ((double)_p.Rows * Rate(work.Computed)));
        return _p.Dataflow switch
        {
            Dataflow.OutputStationary => inputs * acrossFilters + weights * Math.Ceiling(pixels / _p.Rows) + sums,
            Dataflow.WeightStationary => inputs * acrossFilters + weights + sums * (2 * alongWindow - 1),
            _ => inputs + weights * Math.Ceiling(pixels / _p.Cols) + sums * (2 * alongWindow - 1),
        };
    }

    // Bits that stay in the array for a fold: with outputs in place those that come in at its edges.
    private long InPlace(in Workload work)
    {
        long elements = (long)_p.Rows * _p.Cols * Rate(work.Computed);
        return _p.Dataflow switch
        {
            Dataflow.WeightStationary => elements * work.Stored.Weights,
            Dataflow.InputStationary => elements * work.Stored.Activations,
            _ => ((long)_p.Rows * work.Stored.Activations + (long)_p.Cols * work.Stored.Weights) * Rate(work.Computed),
        };
    }

    private long Cycles(long bits) => (bits + _p.DramBitsPerCycle - 1) / _p.DramBitsPerCycle;
}
