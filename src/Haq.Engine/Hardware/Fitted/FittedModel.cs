using System.Globalization;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Fitted;

/// <summary>
/// A target whose few parameters were fitted to measured times: a layer takes its overhead, its multiply-accumulates on an array that is filled up in whole rows and columns, and its bytes, one
/// after the other.
/// </summary>
internal sealed class FittedModel : ICostModel
{
    private const double BitsPerByte = 8;

    private readonly FittedParameters _p;

    public FittedModel(FittedParameters parameters)
    {
        _p = parameters;
        Assumptions =
        [
            string.Create(CultureInfo.InvariantCulture, $"Parameters were fitted to measured times: a layer takes {Overheads()} us, its multiply-accumulates, and its bytes, one after the other."),
            $"Sums are filled up to whole multiples of {_p.Rows} terms and output channels to multiples of {_p.Cols}; depthwise layers have a rate of their own.",
            _p.BytesPerSecond is null && _p.WeightBytesPerSecond is null ? "Memory costs nothing of its own."
                : "Weights, inputs and outputs are moved once each, weights at a rate of their own; outputs in the width of the inputs.",
            "What follows a layer (activation, pooling, sum) is part of its overhead. No energy is known: a budget on energy is refused.",
        ];
    }

    public double? BandwidthBitsPerSecond => _p.BytesPerSecond * BitsPerByte;

    public bool HasEnergy => false;

    public bool IsByName => false;

    public bool RunsNarrowAsWide => false;

    public bool DependsOnOutput => false;

    public bool ConvertsBetweenLayers => _p.ConvertsPerSecond is not null;

    public IReadOnlyList<string> Assumptions { get; }

    /// <summary>The pairs that were fitted.</summary>
    public SupportedBits Bits => _p.Bits;

    public double? PeakMacsPerSecond(LayerBits computed) => Rate(computed) * _p.Rows * _p.Cols * _p.ClockHertz;

    public LayerCost Price(in Workload work)
    {
        var done = LayerWork.Of(work.Shape, work.Stored, work.Batch, _p.Rows, _p.Cols);
        string pair = work.Computed.ToString();
        double array = (double)_p.Rows * _p.Cols * _p.ClockHertz;
        double compute = done.Dense / (array * _p.Rates[pair]) + done.Depthwise / (array * _p.DepthwiseRates[pair]);
        double perByte = 1 / (_p.BytesPerSecond * _p.ByteRates[pair]) ?? 0, perWeight = 1 / _p.WeightBytesPerSecond ?? 0, memory = done.ActivationBytes * perByte + done.WeightBytes * perWeight;
        double seconds = _p.Overheads[pair] + compute + memory + (work.IsFirst ? _p.RunSeconds : 0);
        var dram = new DramBits(Bits(done.WeightBytes), Bits(done.InputBytes), Bits(done.OutputBytes));
        var terms = new CostTerms(Cycles(compute), Cycles(done.WeightBytes * perWeight), Cycles(done.InputBytes * perByte), Cycles(done.OutputBytes * perByte));
        double share = seconds > 0 ? Math.Min(1, work.Macs / (seconds * array * Rate(work.Computed))) : 0;
        return new LayerCost(Cycles(seconds), seconds, null, dram, terms, share);

        static long Bits(double bytes) => checked((long)(bytes * BitsPerByte));
    }

    public LayerCost PriceConvert(in TensorWork work, Bitwidth to)
    {
        double seconds = _p.ConvertsPerSecond is { } rate ? _p.ConvertOverheadSeconds + (double)work.Elements * work.Batch / rate : 0;
        return new LayerCost(Cycles(seconds), seconds, null, default, default, 0);
    }

    private string Overheads() => _p.Overheads.Values.Distinct().Count() == 1 ? Micros(_p.Overheads.Values.First()) : string.Join(", ", _p.Overheads.Select(o => $"{Micros(o.Value)} ({o.Key})"));

    private static string Micros(double seconds) => (seconds * 1e6).ToString("0.##", CultureInfo.InvariantCulture);

    private double Rate(LayerBits computed) => _p.Rates[computed.ToString()];

    private long Cycles(double seconds) => checked((long)Math.Round(seconds * _p.ClockHertz));
}
