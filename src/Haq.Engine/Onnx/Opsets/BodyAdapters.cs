using Onnx;

namespace Haq.Engine.Onnx.Opsets;

/// <summary>Control flow.</summary>
internal static class BodyAdapters
{
    public static void RefuseScan8(OpsetStep step, NodeProto node) => throw step.CannotRaise(node, "has the batched form of operator set 8");
}
