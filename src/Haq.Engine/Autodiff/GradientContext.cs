using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Onnx;

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

    public long Int(string name, long otherwise) => Node.Int(name, otherwise);

    public float Float(string name, float otherwise) => Node.Float(name, otherwise);

    public string Text(string name, string otherwise) => Node.Text(name, otherwise);

    public int[]? Ints(string name) => Node.Ints(name) is { } found ? [.. found.Select(i => checked((int)i))] : null;

    /// <summary>An axis attribute, counted from the front.</summary>
    public int Axis(string name, int otherwise, int rank) => Wrap((int)Int(name, otherwise), rank);

    public static int Wrap(int axis, int rank) => axis < 0 ? axis + rank : axis;

    /// <summary>The integers of a constant input (axes, starts, pads), null when it is left out.</summary>
    /// <exception cref="InvalidOperationException">The input is computed; rules refuse such nodes beforehand.</exception>
    public long[]? Integers(int input) => Has(input) ? TensorData.ToLongs(Constant(input)) : null;

    /// <summary>The numbers of a constant input, null when it is left out or empty.</summary>
    /// <exception cref="InvalidOperationException">The input is computed.</exception>
    public float[]? Floats(int input) => Has(input) && Input(input).Count > 0 ? TensorData.ToFloats(Constant(input)) : null;

    /// <summary>A reason to refuse the node when one of these inputs is there but computed.</summary>
    public string? NeedsConstant(params ReadOnlySpan<int> inputs)
    {
        foreach (int input in inputs)
            if (Has(input) && Graph.ConstantOf(Input(input)) is null) return $"its input {input} ('{Node.Input[input]}') is computed, not constant";
        return null;
    }

    private TensorProto Constant(int input) =>
        Graph.ConstantOf(Input(input)) ?? throw new InvalidOperationException($"input {input} of '{Node.Name}' is not constant");
}
