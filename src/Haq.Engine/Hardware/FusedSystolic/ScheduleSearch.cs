using System.Numerics;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.FusedSystolic;

/// <summary>
/// Finds the fastest schedule of a loop nest (then the one of least energy) among all power-of-two tilings and all orders of the five loops.
/// Exhaustive in effect: a tiling is skipped only when a lower bound of its cycles and energy cannot beat the best schedule found.
/// </summary>
/// <remarks>
/// A tiling's bound takes every tensor's traffic without refetches and only one tile as its first load. Tilings are tried by ascending bound, and the walk over
/// the orders shares their common inner loops; loops of one trip and the second of two like loops have no order of their own.
/// </remarks>
internal sealed class ScheduleSearch
{
    private const int Loops = 5, BatchLoop = 0, HeightLoop = 1, WidthLoop = 2, InputLoop = 3, OutputLoop = 4;

    private readonly FusedSystolicParameters _p;
    private readonly LoopNest _nest;
    private readonly LayerBits _stored;
    private readonly long _lanes;
    private readonly bool _inputDependsOnOutputs;
    private readonly long _halfWeights, _halfInputs, _halfOutputs;

    private Schedule _best;
    private double _bestEnergy;

    private ScheduleSearch(FusedSystolicParameters parameters, in LoopNest nest, LayerBits stored, LayerBits computed)
    {
        (_p, _nest, _stored) = (parameters, nest, stored);
        _lanes = parameters.Rows * Fusion(computed);
        _inputDependsOnOutputs = nest.IsAcrossColumns;
        (_halfWeights, _halfInputs, _halfOutputs) = (parameters.WeightBufferBits / 2, parameters.InputBufferBits / 2, parameters.OutputBufferBits / 2);
    }

    /// <summary>Multiplications per cycle of one fusion unit: 16 at 2x2 bits down to 1 at 8x8.</summary>
    public static long Fusion(LayerBits computed) => (long)(8 / computed.Activations.Bits) * (8 / computed.Weights.Bits);

    /// <summary>The best schedule of <paramref name="nest"/>, once.</summary>
    public static Schedule Best(FusedSystolicParameters parameters, in LoopNest nest, LayerBits stored, LayerBits computed) =>
        new ScheduleSearch(parameters, nest, stored, computed).Run();

    private Schedule Run()
    {
        var tilings = new List<Tiling>();
        foreach (long b in PowersOfTwo(_nest.Batch))
        {
            foreach (var (height, width) in MapTiles())
            {
                foreach (long inputs in PowersOfTwo(_nest.Inputs))
                {
                    foreach (long outputs in OutputTiles())
                        if (TilingOf(b, height, width, inputs, outputs) is { } tiling) tilings.Add(tiling);
                }
            }
        }
        // Nothing fits: the smallest tile is streamed through its buffer in pieces.
        if (tilings.Count == 0) tilings.Add(TilingOf(1, 1, 1, 1, Math.Min(_p.Cols, _nest.Outputs), mustFit: false)!.Value);

        tilings.Sort();
        (_best, _bestEnergy) = (new Schedule(long.MaxValue, 0, 0, 0, 0, default), double.PositiveInfinity);
        foreach (ref readonly var tiling in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tilings))
        {
            if (tiling.LeastCycles > _best.Cycles) break;
            if (tiling.LeastCycles == _best.Cycles && tiling.LeastEnergy >= _bestEnergy) continue;
            WalkOrders(tiling);
        }
        return _best;
    }

    private Tiling? TilingOf(long b, long height, long width, long inputs, long outputs, bool mustFit = true)
    {
        checked
        {
            long windows = CeilDiv(_nest.KernelElements * inputs, _lanes);
            long weights = windows * _lanes * outputs * _stored.Weights;
            if (mustFit && weights > _halfWeights) return null;
            long pixels = b * height * width;
            long paddedOutputs = CeilDiv(outputs, _p.Cols) * _p.Cols;
            long results = pixels * paddedOutputs * _p.OutputDramBits;
            if (mustFit && results > _halfOutputs) return null;
            long channels = _nest.IsAcrossColumns ? CeilDiv(outputs, _nest.OutputsPerInput) : inputs;
            long gathered = _nest.IsIm2Col
                ? pixels * _nest.KernelElements
                : b * _nest.Depth * (_nest.Kernel.Height + (height - 1) * _nest.Stride.Height) * (_nest.Kernel.Width + (width - 1) * _nest.Stride.Width);
            long activations = gathered * channels * _stored.Activations;
            if (mustFit && activations > _halfInputs) return null;

            var trips = new Trips(
                CeilDiv(_nest.Batch, b), CeilDiv(_nest.Height, height), CeilDiv(_nest.Width, width), CeilDiv(_nest.Inputs, inputs), CeilDiv(_nest.Outputs, outputs));
            // The first convolution and channels across columns fill the rows with whole windows; others take a kernel position at a time.
            long steps = _nest.IsIm2Col || _nest.IsAcrossColumns ? windows : _nest.KernelElements * CeilDiv(inputs, _lanes);
            long compute = trips.All * pixels * CeilDiv(outputs, _p.Cols) * steps;

            double window = (double)_nest.KernelElements * inputs;
            double paddedWindow = _nest.IsIm2Col || _nest.IsAcrossColumns ? windows * _lanes : (double)_nest.KernelElements * CeilDiv(inputs, _lanes) * _lanes;
            var sram = _nest.IsAcrossColumns
                ? SramTraffic.OfTiles(window, paddedWindow, 1, 1, pixels, trips.All * (double)outputs, _stored.Weights, _stored.Activations, _p.OutputDramBits)
                : SramTraffic.OfTiles(window, paddedWindow, outputs, paddedOutputs, pixels, trips.All, _stored.Weights, _stored.Activations, _p.OutputDramBits);

            long positions = trips.Batch * trips.Height * trips.Width;
            long leastWeights = weights * trips.Inputs * trips.Outputs;
            long leastActivations = activations * positions * (_inputDependsOnOutputs ? trips.Outputs : trips.Inputs);
            long leastResults = results * positions * trips.Outputs;
            long least = Math.Max(
                compute + Cycles(weights + activations + results) + Cycles(results), Cycles(leastWeights + leastActivations + 2 * leastResults));
            return new Tiling(trips, weights, activations, results, compute, sram, least, EnergyOf(compute, leastWeights, leastActivations, leastResults, sram));
        }
    }

    private void WalkOrders(in Tiling tiling)
    {
        int open = 0;
        for (int loop = 0; loop < Loops; loop++)
            if (tiling.Trips[loop] > 1) open |= 1 << loop;
        Walk(tiling, open, new TensorTraffic(tiling.Weights), new TensorTraffic(tiling.Inputs), new TensorTraffic(tiling.Outputs));
    }

    // Puts every loop that is still open around what is there, one after the other.
    private void Walk(in Tiling tiling, int open, TensorTraffic weights, TensorTraffic inputs, TensorTraffic outputs)
    {
        if (open == 0)
        {
            Consider(tiling, weights, inputs, outputs);
            return;
        }
        for (int rest = open; rest != 0; rest &= rest - 1)
        {
            int loop = BitOperations.TrailingZeroCount(rest);
            bool likeHeight = loop == WidthLoop && (open & (1 << HeightLoop)) != 0 && tiling.Trips.Height == tiling.Trips.Width;
            if (likeHeight) continue;
            long trips = tiling.Trips[loop];
            bool positions = loop is BatchLoop or HeightLoop or WidthLoop;
            Walk(
                tiling, open & ~(1 << loop),
                weights.Inside(trips, loop is InputLoop or OutputLoop, _halfWeights),
                inputs.Inside(trips, positions || (loop == OutputLoop ? _inputDependsOnOutputs : loop == InputLoop), _halfInputs),
                outputs.Inside(trips, positions || loop == OutputLoop, _halfOutputs));
        }
    }

    private void Consider(in Tiling tiling, in TensorTraffic weights, in TensorTraffic inputs, in TensorTraffic outputs)
    {
        checked
        {
            long first = weights.Resident + inputs.Resident + outputs.Resident, last = outputs.Resident;
            long middle = weights.Bits + inputs.Bits + 2 * outputs.Bits - first - last;
            long cycles = Math.Max(tiling.Compute, Cycles(middle)) + Cycles(first) + Cycles(last);
            if (cycles > _best.Cycles) return;
            double energy = EnergyOf(tiling.Compute, weights.Bits, inputs.Bits, outputs.Bits, tiling.Sram);
            if (cycles == _best.Cycles && energy >= _bestEnergy) return;
            var sram = tiling.Sram.WithDram(weights.Bits, inputs.Bits, outputs.Bits);
            (_best, _bestEnergy) = (new Schedule(cycles, tiling.Compute, weights.Bits, inputs.Bits, outputs.Bits, sram), energy);
        }
    }

    // Without constants, traffic decides between schedules of equal speed.
    private double EnergyOf(long compute, long weights, long inputs, long outputs, in SramTraffic sram) => _p.Energy is { } e
        ? compute * e.Core + sram.WithDram(weights, inputs, outputs).Picojoules(e) + (weights + inputs + 2.0 * outputs) * e.Dram
        : weights + inputs + 2.0 * outputs;

    private long Cycles(long bits) => CeilDiv(bits, _p.DramBitsPerCycle);

    private IEnumerable<(long Height, long Width)> MapTiles()
    {
        foreach (long extent in PowersOfTwo(Math.Max(_nest.Height, _nest.Width)))
            yield return (Math.Min(extent, _nest.Height), Math.Min(extent, _nest.Width));
    }

    private IEnumerable<long> OutputTiles()
    {
        if (_nest.IsIm2Col) return PowersOfTwo(_nest.Outputs);
        return PowersOfTwo(CeilDiv(_nest.Outputs, _p.Cols)).Select(groups => Math.Min(groups * _p.Cols, _nest.Outputs));
    }

    // 1, 2, 4, … and the size itself.
    private static IEnumerable<long> PowersOfTwo(long size)
    {
        for (long tile = 1; tile < size; tile *= 2) yield return tile;
        yield return size;
    }

    private static long CeilDiv(long value, long divisor) => (value + divisor - 1) / divisor;
}
