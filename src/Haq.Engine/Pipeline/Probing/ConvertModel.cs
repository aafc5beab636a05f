using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>Models that hardly do anything: one that changes the width of a tensor, as files do between layers, and one that does nothing to speak of.</summary>
internal static class ConvertModel
{
    private const int Opset = 21;
    private const float Scale = 0.02f;
    private const string In = "input", Real = "real", Out = "output";

    /// <summary>A tensor of one width in, of another out.</summary>
    public static OnnxModel Of(long[] shape, Bitwidth from, Bitwidth to)
    {
        var model = new ModelBuilder("convert", Opset).Constant(TensorData.Scalar("scale", Scale));
        model.Input(In, TypeOf(from), shape).Output(Out, TypeOf(to), shape);
        if (!from.IsFloat)
        {
            model.Constant(Zero("zero_from", from));
            model.Node(OnnxNode.Of(OpNames.DequantizeLinear, [In, "scale", "zero_from"], [to.IsFloat ? Out : Real], "dequantize"));
        }
        if (!to.IsFloat)
        {
            model.Constant(Zero("zero_to", to));
            model.Node(OnnxNode.Of(OpNames.QuantizeLinear, [from.IsFloat ? In : Real, "scale", "zero_to"], [Out], "quantize"));
        }
        return model.Build();
    }

    /// <summary>One number in, one out.</summary>
    public static OnnxModel Empty() =>
        new ModelBuilder("empty", Opset).Input(In, DataType.Float, 1).Output(Out, DataType.Float, 1).Node(OnnxNode.Of(OpNames.Relu, [In], [Out], "nothing")).Build();

    private static DataType TypeOf(Bitwidth width) => width.IsFloat ? DataType.Float : width > Bitwidth.Eight ? DataType.Uint16 : DataType.Uint8;

    private static TensorProto Zero(string name, Bitwidth width) => TensorData.Scalar(name, TypeOf(width), width > Bitwidth.Eight ? 32768 : 128);
}
