using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.FusedSystolic;

/// <summary>A systolic array whose 2-bit multipliers fuse to wider ones (BitFusion; Sharma et al., ISCA 2018), as its authors' public simulator prices it.</summary>
internal sealed class FusedSystolicModel : ICostModel
{
    private const double PicojoulesPerJoule = 1e12;

    private readonly FusedSystolicParameters _p;

    public FusedSystolicModel(FusedSystolicParameters parameters)
    {
        _p = parameters;
        Assumptions =
        [
            "Tilings are powers of two and every order of the five loops is tried; a tile fits half of its buffer, so that the next is loaded meanwhile.",
            "The first convolution reads its input as im2col; others take a kernel position at a time.",
            $"Outputs and partial sums move as {_p.OutputDramBits} bits, read and written.",
            _p.Depthwise == DepthwiseMapping.AcrossColumns
                ? "Depthwise layers run one channel a column, its window along the rows, which takes an input path to every column."
                : "Depthwise layers run as separate convolutions from one channel to its outputs, as in the published simulator, which has no groups.",
            "Grouped convolutions run group after group; transposed ones as a product of input pixels by output channels times kernel.",
            "A layer of which not even the smallest tile fits is streamed through its buffers.",
            _p.RunsNarrowAsWide
                ? "A layer runs as one of wider data where that is faster: what fits a buffer whole must be loaded before work starts, so less data is not always sooner."
                : "A layer always runs at its own widths, even where wider data would be faster, as in the published simulator.",
            "Pooling, addition and requantization are free; DRAM has no row effects.",
            _p.Energy is { } e ? $"Energy: {e.Source}." : "No energy model: a budget on energy is refused.",
        ];
    }

    public double? BandwidthBitsPerSecond => _p.DramBitsPerCycle * _p.ClockHertz;

    public bool HasEnergy => _p.Energy is not null;

    public bool IsByName => false;

    public bool RunsNarrowAsWide => _p.RunsNarrowAsWide;

    public bool DependsOnOutput => false;

    public IReadOnlyList<string> Assumptions { get; }

    public double? PeakMacsPerSecond(LayerBits computed) => PeakMacsPerCycle(computed) * _p.ClockHertz;

    private double PeakMacsPerCycle(LayerBits computed) => (double)_p.Rows * _p.Cols * ScheduleSearch.Fusion(computed);

    public LayerCost Price(in Workload work)
    {
        var nest = LoopNest.Of(work, _p.Depthwise);
        var one = ScheduleSearch.Best(_p, nest, work.Stored, work.Computed);
        checked
        {
            long times = nest.Repeat;
            long cycles = one.Cycles * times;
            double seconds = cycles / _p.ClockHertz;
            var dram = new DramBits(one.WeightBits * times, one.InputBits * times, 2 * one.OutputBits * times);
            var terms = new CostTerms(one.ComputeCycles * times, Cycles(dram.Weights), Cycles(dram.Input), Cycles(dram.Output));
            Energy? energy = _p.Energy is { } e
                ? new Energy(
                    one.ComputeCycles * times * e.Core, one.Sram.Picojoules(e) * times, dram.Total * e.Dram, e.LeakageWatts * seconds * PicojoulesPerJoule)
                : null;
            return new LayerCost(cycles, seconds, energy, dram, terms, work.Macs / (cycles * PeakMacsPerCycle(work.Computed)));
        }
    }

    private long Cycles(long bits) => (bits + _p.DramBitsPerCycle - 1) / _p.DramBitsPerCycle;
}
