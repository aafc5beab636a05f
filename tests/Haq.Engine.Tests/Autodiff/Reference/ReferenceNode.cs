using Onnx;

namespace Haq.Engine.Tests.Autodiff.Reference;

/// <summary>A node with its inputs' values, as the reference operators see it.</summary>
internal sealed record ReferenceNode(NodeProto Proto, NdArray?[] Inputs)
{
    public NdArray X => Inputs[0]!;

    public NdArray this[int input] => Inputs[input]!;

    public bool Has(int input) => input < Inputs.Length && Inputs[input] is not null;

    public int[] Integers(int input) => [.. this[input].Data.Select(v => (int)Math.Clamp(v, int.MinValue, int.MaxValue))];

    public long Int(string name, long otherwise) => Find(name)?.I ?? otherwise;

    public double Float(string name, float otherwise) => Find(name)?.F ?? otherwise;

    public string Text(string name, string otherwise) => Find(name)?.S.ToStringUtf8() ?? otherwise;

    public int[]? Ints(string name) => Find(name) is { } a ? [.. a.Ints.Select(i => (int)i)] : null;

    public int Axis(string name, int otherwise, int rank) => ((int)Int(name, otherwise) + rank) % rank;

    private AttributeProto? Find(string name) => Proto.Attribute.FirstOrDefault(a => a.Name == name);
}
