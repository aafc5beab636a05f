using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Weights;
using Onnx;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>An initializer of the rewritten graph that holds a policy's constant, in the order in which ONNX Runtime laid it out.</summary>
/// <param name="placeholder">Whose values.</param>
/// <param name="name">The initializer's name.</param>
/// <param name="dims">Its extents.</param>
/// <param name="source">Which of the placeholder's values stands at each place; −1 where the layout pads with zero. Null where each stands at its own.</param>
/// <param name="room">For what is kept of weights.</param>
internal sealed class Refill(Placeholder placeholder, string name, ImmutableArray<long> dims, int[]? source, PieceRoom room) : IRefill
{
    private readonly ConditionalWeakTable<QuantizedWeights, ReferringMessage> _pieces = [];
    private readonly MappedNumbers<int>? _source = source is null ? null : MappedNumbers<int>.Of(source);
    private ReferringMessage? _real;

    /// <inheritdoc/>
    public Placeholder Placeholder { get; } = placeholder;

    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <summary>For what is kept of weights.</summary>
    public PieceRoom Room => room;

    /// <summary>Its extents.</summary>
    public ImmutableArray<long> Dims => dims;

    /// <summary>Which of the placeholder's values stands at each place.</summary>
    public ReadOnlySpan<int> Source => _source is { } places ? places.Span : Enumerable.Range(0, Placeholder.Count).ToArray();

    /// <inheritdoc/>
    public ReferringMessage Piece(QuantizedModel quantized, GraphView real)
    {
        if (Placeholder.Kind != PlaceholderKind.Weights) return Make(quantized, real);
        if (Placeholder.Source(quantized) is { } weights) return room.Get(_pieces, weights, _ => Make(quantized, real));
        if (_real is { } known) return known;
        var made = Make(quantized, real);
        return room.Take(made) ? _real = made : made;
    }

    private ReferringMessage Make(QuantizedModel quantized, GraphView real)
    {
        float[] values = new float[Placeholder.Count];
        Placeholder.Fill(quantized, real, values);
        ReadOnlySpan<int> places = _source is null ? default : _source.Span;
        byte[] bytes = new byte[(_source is null ? values.Length : places.Length) * sizeof(float)];
        var laid = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        if (_source is null) values.CopyTo(laid);
        else for (int i = 0; i < places.Length; i++) laid[i] = places[i] < 0 ? 0 : values[places[i]];
        return room.Piece(TensorData.OfBytes(Name, DataType.Float, dims.AsSpan(), bytes));
    }
}
