using System.Collections.Immutable;
using Haq.Engine.Dialects.Rules;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Weights;
using Onnx;

namespace Haq.Engine.Quantization.Importing;

/// <summary>
/// Gives a network the numbers that it had in another dialect: grids that the target takes stay as they are, to the bit; others are moved to the nearest that it takes, and tensors that had
/// none and need one are calibrated.
/// </summary>
internal sealed class ImportedQuantizer
{
    private readonly QuantizableModel _model;
    private readonly ImportedNetwork _network;
    private readonly Lazy<CalibrationTable> _calibration;
    private readonly bool _hasData;
    private readonly ImportedWidths _widths;
    private readonly HashSet<string> _calibrated = new(StringComparer.Ordinal);

    /// <param name="model">The network, ready for the target.</param>
    /// <param name="network">What it was read from.</param>
    /// <param name="calibrate">Watches the network run; called where a tensor that had no grid needs one, or once where there is data.</param>
    /// <param name="hasData">What is watched are real samples: grids that cannot stay are chosen by them, not by the range that they had.</param>
    public ImportedQuantizer(QuantizableModel model, ImportedNetwork network, Func<CalibrationTable> calibrate, bool hasData)
    {
        (_model, _network, _hasData) = (model, network, hasData);
        _calibration = new(() => model.Form is { } form ? calibrate().InForm(form.Grid) : calibrate());
        _widths = new ImportedWidths(model, network);
    }

    /// <summary>Tensors whose grid was chosen by what the network was seen to compute.</summary>
    public IReadOnlySet<string> Calibrated => _calibrated;

    /// <summary>The network's numbers.</summary>
    public QuantizedModel Quantize()
    {
        var layers = ImmutableArray.CreateBuilder<QuantizedLayer>(_model.Layers.Length);
        foreach (var found in _model.Layers) layers.Add(LayerOf(found, _widths.Of(found)));
        return new QuantizedModel(_model.Float, new Policy([.. layers.Select(l => l.Bits)]), layers.MoveToImmutable())
        {
            Form = _model.Form,
            Junctions = [.. Between().Select(j => new QuantizedJunction(j, GridOf(j.Tensor, _widths.Between(j.Tensor))))],
            InputShapes = _model.InputShapes,
        };
    }

    private QuantizedLayer LayerOf(FoundLayer found, LayerBits bits)
    {
        if (bits.Weights.IsFloat) return new QuantizedLayer(found, bits, null, null, null);
        var grid = _network.Constants.GetValueOrDefault((found.Name, found.WeightInput));
        var weights = grid is null ? ImportedWeights.Nearest(_model, found, bits.Weights) : ImportedWeights.Of(_model, found, grid, bits.Weights);
        Quantizer? activation = bits.Activations.IsFloat ? null : GridOf(found.Input, bits.Activations);
        return new QuantizedLayer(found, bits, weights, AccumulatedBias.Of(_model, found, weights, activation, loss: null), activation);
    }

    /// <summary>Tensors between layers: all where the target wants that, otherwise those that had a pair.</summary>
    private IEnumerable<Junction> Between()
    {
        if (_model.Form is { EveryTensor: true }) return _model.Junctions;
        var layers = _model.Layers.Where(l => !_widths.Of(l).Activations.IsFloat).Select(l => (l.Name, 1 - l.WeightInput)).ToHashSet();
        var nodes = _model.View.Order.Select(_model.View.NameOf).ToHashSet(StringComparer.Ordinal);
        return _network.Activations.OrderBy(a => a.Key, StringComparer.Ordinal)
            .Select(a => new Junction(a.Key, [.. a.Value.Readers.Where(r => nodes.Contains(r.Node) && !layers.Contains(r))]) { IsOutput = a.Value.IsOutput })
            .Where(j => (j.IsOutput || j.Readers.Length > 0) && _model.View.IsKnown(j.Tensor) && !Parts(j));
    }

    // A pair that would keep a target from fusing two nodes.
    private bool Parts(Junction junction) => !junction.IsOutput && _model.Form is { } form && _model.View.ProducerOf(junction.Tensor) is { } maker
        && _model.View.ConsumersOf(junction.Tensor) is [var only] && form.Profile.Rules.OfType<NoPairBetweenRule>().Any(r => r.Operators.Contains(maker.OpType) && r.Next.Contains(only.OpType));

    private Quantizer GridOf(string tensor, Bitwidth bits)
    {
        var form = _model.Form;
        string root = form is { EveryTensor: true } ? EveryTensor.RootOf(_model.View, tensor) : tensor;
        if (form?.GridOf(_model.View.ProducerOf(root), bits) is { } constant) return constant;
        if ((_network.Activations.GetValueOrDefault(root) ?? _network.Activations.GetValueOrDefault(tensor)) is { } known)
        {
            var same = ImportedGrids.AtWidth(known.Quantizer, bits);
            var (low, high) = LimitsOf(root);
            var formed = ImportedGrids.InForm(same, form?.Grid ?? default, low, high);
            bool stays = known.Quantizer.Bits == bits && formed.Scale == known.Quantizer.Scale && formed.Lowest == known.Quantizer.Lowest;
            if (stays || !_hasData || !Watched(root)) return formed;
        }
        _calibrated.Add(root);
        return _calibration.Value.For(Watched(root) ? root : tensor, bits);
    }

    // A limiter in front of a pair keeps activations of fewer bits than their type to their width.
    private (float Low, float High) LimitsOf(string tensor) => _model.View.ProducerOf(tensor) is not { } maker ? (float.NegativeInfinity, float.PositiveInfinity)
        : maker.Is(OpNames.Relu) ? (0, float.PositiveInfinity)
        : maker.Is(OpNames.Clip) ? (LimitOf(maker, 1) ?? float.NegativeInfinity, LimitOf(maker, 2) ?? float.PositiveInfinity) : (float.NegativeInfinity, float.PositiveInfinity);

    private float? LimitOf(NodeProto clip, int input) => _model.View.Floats(clip.InputAt(input)) is [var limit] ? limit : null;

    private bool Watched(string tensor) => _calibration.Value.Tensors.Contains(tensor);
}
