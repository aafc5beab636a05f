using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Constants that are added or multiplied channel by channel. What a constant is follows from its shape: as many numbers as there are channels may as well be a column of rows.</summary>
internal static class ChannelConstant
{
    /// <summary>Broadcast against rows of <paramref name="channels"/> values, the constant gives every channel its own number.</summary>
    public static bool IsRow(TensorProto constant, long channels) =>
        TensorData.Count(constant) == channels && (constant.Dims.Count == 0 || constant.Dims[^1] == channels);

    /// <summary>A row, or one number for all channels.</summary>
    public static bool IsRowOrScalar(TensorProto constant, long channels) => TensorData.Count(constant) == 1 || IsRow(constant, channels);
}
