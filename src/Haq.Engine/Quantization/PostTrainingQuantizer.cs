using System.Collections.Immutable;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Tensors;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Quantization;

/// <summary>Gives every layer its numbers under any policy, without training. Safe for concurrent use.</summary>
public sealed class PostTrainingQuantizer
{
    // Between layers nothing is searched: eight bits, as integer targets have there, or what a target's layers have.
    private static readonly Bitwidth s_eight = (Bitwidth)8;

    private readonly QuantizableModel _model;
    private readonly CalibrationTable _calibration;
    private readonly WeightTable _weights;
    private readonly Lazy<ImmutableArray<QuantizedTable>> _tables;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<Bitwidth, ImmutableArray<QuantizedJunction>> _junctions = new();

    /// <summary>A quantizer for <paramref name="model"/> with the ranges of <paramref name="calibration"/>.</summary>
    public PostTrainingQuantizer(QuantizableModel model, CalibrationTable calibration, WeightOptions? weights = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, _calibration) = (model, calibration);
        _weights = new WeightTable(model, calibration, weights ?? new WeightOptions());
        _tables = new(() => weights is { Tables: false } ? [] : [.. model.Tables.Select(t => QuantizedTable.Of(t, model.View.Floats(t.Table)))]);
    }

    /// <summary>The prepared float model.</summary>
    public QuantizableModel Model => _model;

    /// <summary>What calibration saw.</summary>
    public CalibrationTable Calibration => _calibration;

    /// <summary>A layer's weights at a width.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 16 bits.</exception>
    public QuantizedWeights WeightsOf(int layer, Bitwidth bits) => _weights.For(layer, bits).Weights;

    /// <summary>The numbers under <paramref name="policy"/>.</summary>
    /// <exception cref="ArgumentException">The policy has another number of layers, or gives layers that read one tensor different activation widths.</exception>
    public QuantizedModel Quantize(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (policy.Count != _model.Layers.Length && policy.Count != _model.Layers.Length + _model.Tensors.Length)
            throw new ArgumentException($"the policy has {policy.Count} entries, the model {_model.Layers.Length} layers and {_model.Tensors.Length} tensors", nameof(policy));
        var layers = ImmutableArray.CreateBuilder<QuantizedLayer>(_model.Layers.Length);
        var widths = new Dictionary<string, Bitwidth>(StringComparer.Ordinal);
        foreach (var found in _model.Layers)
        {
            int index = found.Layer.Index;
            var bits = policy[index];
            if (bits.Activations.IsQuantized() && !widths.TryAdd(found.Input, bits.Activations) && widths[found.Input] != bits.Activations)
                throw new ArgumentException($"'{found.Layer.Name}' shares its input with a layer that has {widths[found.Input]} bits for it, not {bits.Activations}", nameof(policy));
            var rounded = bits.Weights.IsQuantized() ? _weights.For(index, bits.Weights) : null;
            // ONNX Runtime's product with blocks of 4-bit weights takes real numbers.
            Quantizer? activation = bits.Activations.IsQuantized() && rounded?.Weights is not { Block: > 0 } ? GridOf(found.Input, bits.Activations) : null;
            layers.Add(new QuantizedLayer(found, bits, rounded?.Weights, BiasOf(found, rounded, activation), activation));
        }
        return new QuantizedModel(_model.Float, policy, layers.MoveToImmutable())
        {
            Form = _model.Form,
            Junctions = _model.Tensors.IsEmpty ? _junctions.GetOrAdd(WidthBetween(policy), Between) : new TensorQuantizer(_model, _calibration).Quantize(policy),
            Tables = _tables.Value,
            InputShapes = _model.InputShapes,
        };
    }

    /// <summary>The tables in 8 bits.</summary>
    internal ImmutableArray<QuantizedTable> Tables => _tables.Value;

    /// <summary>A layer's 8-bit weights for products whose input gets its scale in every run.</summary>
    internal QuantizedLayer Dynamic(FoundLayer found)
    {
        var rounded = _weights.For(found.Layer.Index, s_eight, block: 0);
        return new QuantizedLayer(found, new LayerBits(8, 8), rounded.Weights, BiasOf(found, rounded, activation: null), Activation: null) { IsDynamic = true };
    }

    /// <summary>A layer with a scale for every so many weights of a channel, and real numbers to multiply them with.</summary>
    internal QuantizedLayer Blocked(FoundLayer found, Bitwidth bits, int block)
    {
        var rounded = _weights.For(found.Layer.Index, bits, block);
        return new QuantizedLayer(found, new LayerBits(bits, Bitwidth.Float), rounded.Weights, BiasOf(found, rounded, activation: null), Activation: null);
    }

    private Bitwidth WidthBetween(Policy policy) => _model.Form is not { EveryTensor: true } ? s_eight
        : _model.Layers.Select(l => policy[l.Layer.Index].Activations).FirstOrDefault(a => a.IsQuantized() && a > s_eight, s_eight);

    private ImmutableArray<QuantizedJunction> Between(Bitwidth width)
    {
        var junctions = _model.Form is { EveryTensor: true } ? _model.Junctions.Where(j => _calibration.HistogramOf(j.Tensor).NonFinite == 0) : WideJoins.Without(_model, _calibration);
        return [.. junctions.Select(j => new QuantizedJunction(j, GridOf(j.Tensor, width)))];
    }

    /// <summary>The quantizer of a tensor at a width.</summary>
    internal Quantizer GridOf(string tensor, Bitwidth bits)
    {
        if (_model.Form is not { } form) return ExistingGrid.Of(_model.View, tensor, bits) ?? SoftmaxGrid.Of(_model.View, tensor, _calibration.For(tensor, bits));
        string root = form.EveryTensor ? EveryTensor.RootOf(_model.View, tensor) : tensor;
        return form.GridOf(_model.View.ProducerOf(root), bits) ?? _calibration.For(_calibration.Tensors.Contains(root) ? root : tensor, bits);
    }

    private LayerBias? BiasOf(FoundLayer found, RoundedWeights? rounded, Quantizer? activation) =>
        rounded is null ? null : AccumulatedBias.Of(_model, found, rounded.Weights, activation, rounded.MeanLoss);
}
