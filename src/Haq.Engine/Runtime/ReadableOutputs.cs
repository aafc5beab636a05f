using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;

namespace Haq.Engine.Runtime;

/// <summary>
/// ONNX Runtime computes tensors of 2, 4 and 8-bit floating point and of 2 and 4-bit integers; its interface for .NET (seen with 1.31.1) cannot open
/// a model that takes or gives them. What is given is no figure
/// that anybody compares: such outputs are left out of a session, and stay in the file.
/// </summary>
internal static class ReadableOutputs
{
    /// <summary>The model without outputs that cannot be read; the model itself where there are none.</summary>
    /// <exception cref="HaqException">It takes such a tensor, or gives nothing else (HAQ0310).</exception>
    public static OnnxModel Of(OnnxModel model)
    {
        if (model.Graph.Input.FirstOrDefault(i => IsUnreadable(i.Type)) is { } input)
            throw Refused(model, $"input '{input.Name}' is {NameOf(input.Type)}", "Let the graph take the values as UINT8 or in float, with a QuantizeLinear or Cast behind them");
        var unreadable = model.Graph.Output.Where(o => IsUnreadable(o.Type)).ToArray();
        if (unreadable.Length == 0) return model;
        if (unreadable.Length == model.Graph.Output.Count)
            throw Refused(model, $"output '{unreadable[0].Name}' is {NameOf(unreadable[0].Type)}, and there is no other", "Add the tensor before its QuantizeLinear or Cast to the graph's outputs");
        return ModelBuilder.From(model).Hide(unreadable.Select(o => o.Name)).Build();
    }

    private static bool IsUnreadable(global::Onnx.TypeProto? type) =>
        type?.TensorType is { } tensor && (DataType)tensor.ElemType is var element && ElementTypes.BitsOf(element) is > 0 and <= 8 && element is not (DataType.Int8 or DataType.Uint8 or DataType.Bool);

    private static string NameOf(global::Onnx.TypeProto type) => ElementTypes.NameOf((DataType)type.TensorType.ElemType);

    private static HaqException Refused(OnnxModel model, string what, string advice) =>
        DiagnosticCatalog.RuntimeRefused.Error(model.Name, $"{what}, which ONNX Runtime computes but its interface for .NET cannot hand over, so that nothing could be measured. {advice}.");
}
