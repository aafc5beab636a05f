using Google.Protobuf;
using Onnx;

namespace Haq.Engine.Evaluation.Timing;

/// <summary>What a node computes, apart from its tensors: its operator and attributes (paddings, dilations).</summary>
internal readonly record struct OpSignature(string Op, string Attributes, int Inputs)
{
    public static OpSignature Of(NodeProto node) =>
        new(node.OpType, string.Join('|', node.Attribute.Select(a => a.ToByteString().ToBase64()).Order(StringComparer.Ordinal)), node.Input.Count);
}
