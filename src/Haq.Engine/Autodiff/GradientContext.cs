using System.Buffers.Binary;
using System.Collections.Immutable;
using Haq.Engine.Onnx.Schema;
using static Haq.Engine.Onnx.Schema.TensorProto.Types;

namespace Haq.Engine.Autodiff;

/// <summary>What a rule sees of the node it differentiates.</summary>
internal sealed class GradientContext
{
    private readonly Value?[] _outputGradients;
    private readonly bool[] _wanted;
    private readonly Action<Value, Value> _accumulate;

    public GradientContext(
        GraphBuilder graph, NodeProto node, KernelSet kernels, Value?[] outputGradients, bool[] wanted, Action<Value, Value> accumulate)
    {
        (Graph, Node, Kernels) = (graph, node, kernels);
        (_outputGradients, _wanted, _accumulate) = (outputGradients, wanted, accumulate);
    }

    public GraphBuilder Graph { get; }

    public NodeProto Node { get; }

    public KernelSet Kernels { get; }

    /// <summary>The gradient of the loss with respect to output 0.</summary>
    public Value Gradient => _outputGradients[0] ?? Graph.Zeros(Output(0).Shape.AsSpan());

    /// <summary>The first input.</summary>
    public Value X => Input(0);

    /// <summary>The first output.</summary>
    public Value Y => Output(0);

    public int InputCount => Node.Input.Count;

    public bool Has(int input) => input < Node.Input.Count && Node.Input[input].Length > 0;

    public Value Input(int index) => Graph[Node.Input[index]];

    public Value Output(int index) => Graph[Node.Output[index]];

    public Value? OutputGradient(int index) => _outputGradients[index];

    /// <summary>Whether anybody needs the gradient of that input.</summary>
    public bool Wants(int input) => Has(input) && _wanted[input];

    /// <summary>Adds to an input's gradient, if it is wanted; dimensions that broadcasting stretched are summed.</summary>
    public void Give(int input, Func<Value> gradient)
    {
        if (!Wants(input)) return;
        var target = Input(input);
        _accumulate(target, Graph.ReduceTo(gradient(), target.Shape.AsSpan()));
    }

    public long Int(string name, long otherwise) => Find(name)?.I ?? otherwise;

    public float Float(string name, float otherwise) => Find(name)?.F ?? otherwise;

    public string Text(string name, string otherwise) => Find(name)?.S.ToStringUtf8() ?? otherwise;

    public int[]? Ints(string name) => Find(name) is { } found ? [.. found.Ints.Select(i => checked((int)i))] : null;

    /// <summary>An axis attribute, counted from the front.</summary>
    public int Axis(string name, int otherwise, int rank) => Wrap((int)Int(name, otherwise), rank);

    public static int Wrap(int axis, int rank) => axis < 0 ? axis + rank : axis;

    /// <summary>The integers of a constant input (axes, starts, pads), null when it is left out.</summary>
    /// <exception cref="InvalidOperationException">The input is computed; rules refuse such nodes beforehand.</exception>
    public ImmutableArray<long>? Integers(int input)
    {
        if (!Has(input)) return null;
        var tensor = Graph.ConstantOf(Input(input)) ?? throw new InvalidOperationException($"input {input} of '{Node.Name}' is not constant");
        if ((DataType)tensor.DataType == DataType.Int32)
            return tensor.RawData.IsEmpty ? [.. tensor.Int32Data.Select(i => (long)i)] : Read(tensor, 4, b => BinaryPrimitives.ReadInt32LittleEndian(b));
        return tensor.RawData.IsEmpty ? [.. tensor.Int64Data] : Read(tensor, 8, BinaryPrimitives.ReadInt64LittleEndian);
    }

    /// <summary>The numbers of a constant input, null when it is left out or empty.</summary>
    public float[]? Floats(int input)
    {
        if (!Has(input) || Input(input).Count == 0) return null;
        var tensor = Graph.ConstantOf(Input(input)) ?? throw new InvalidOperationException($"input {input} of '{Node.Name}' is not constant");
        return tensor.RawData.IsEmpty
            ? [.. tensor.FloatData]
            : [.. Enumerable.Range(0, tensor.RawData.Length / 4).Select(i => BinaryPrimitives.ReadSingleLittleEndian(tensor.RawData.Span[(4 * i)..]))];
    }

    /// <summary>A reason to refuse the node when one of these inputs is there but computed.</summary>
    public string? NeedsConstant(params ReadOnlySpan<int> inputs)
    {
        foreach (int input in inputs)
            if (Has(input) && Graph.ConstantOf(Input(input)) is null) return $"its input {input} ('{Node.Input[input]}') is computed, not constant";
        return null;
    }

    private delegate long ReadInteger(ReadOnlySpan<byte> bytes);

    private static ImmutableArray<long> Read(TensorProto tensor, int size, ReadInteger read)
    {
        var builder = ImmutableArray.CreateBuilder<long>();
        for (int at = 0; at < tensor.RawData.Length; at += size) builder.Add(read(tensor.RawData.Span[at..]));
        return builder.ToImmutable();
    }

    private AttributeProto? Find(string name)
    {
        foreach (var attribute in Node.Attribute)
            if (attribute.Name == name) return attribute;
        return null;
    }
}
