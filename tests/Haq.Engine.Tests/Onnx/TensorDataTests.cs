using FsCheck;
using FsCheck.Fluent;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Tests.Onnx;

public sealed class TensorDataTests
{
    [Theory]
    [InlineData(DataType.Int4, new long[] { -8, 7, 3 }, new byte[] { 0x78, 0x03 })] // low half first
    [InlineData(DataType.Uint4, new long[] { 15, 0, 9 }, new byte[] { 0x0F, 0x09 })]
    [InlineData(NewerDataType.Int2, new long[] { -2, 1, 0, -1, 1 }, new byte[] { 0b11_00_01_10, 0b01 })] // low bits first
    [InlineData(NewerDataType.Uint2, new long[] { 3, 2, 1, 0 }, new byte[] { 0b00_01_10_11 })]
    [InlineData(DataType.Int16, new long[] { -2 }, new byte[] { 0xFE, 0xFF })]
    [InlineData(DataType.Bool, new long[] { 1, 0 }, new byte[] { 1, 0 })]
    public void Integers_are_packed_as_the_format_says(DataType type, long[] values, byte[] bytes)
    {
        var tensor = TensorData.Of("t", type, [values.Length], values);
        Assert.Equal(bytes, tensor.RawData.ToByteArray());
        Assert.Equal(values, TensorData.ToLongs(tensor));
    }

    [Fact]
    public void Weights_are_packed_as_other_integers_are() => Prop.ForAll(ArbMap.Default.ArbFor<short[]>(), values =>
        new[] { DataType.Int4, DataType.Int8, DataType.Int16 }.All(type =>
        {
            var (min, max) = ElementTypes.IntegerRange(type);
            short[] fitting = [.. values.Select(v => (short)Math.Clamp(v, min, max))];
            return PackedElements.Pack(type, fitting).SequenceEqual(PackedElements.Pack(type, Array.ConvertAll(fitting, v => (long)v)));
        })).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(DataType.Int4, 8)]
    [InlineData(DataType.Int8, -129)]
    [InlineData(DataType.Uint8, -1)]
    [InlineData(DataType.Float, 1)]
    public void Weights_that_a_type_cannot_hold_are_refused(DataType type, short value) => Assert.Throws<ArgumentException>(() => PackedElements.Pack(type, [0, value]));

    [Fact]
    public void Any_integers_come_back()
    {
        DataType[] types = [NewerDataType.Int2, NewerDataType.Uint2, DataType.Int4, DataType.Uint4, DataType.Int8, DataType.Uint8, DataType.Int16,
            DataType.Uint16, DataType.Int32, DataType.Uint32, DataType.Int64];
        Prop.ForAll(
            ArbMap.Default.ArbFor<long[]>(), ArbMap.Default.ArbFor<int>(),
            (values, pick) =>
            {
                var type = types[(pick & int.MaxValue) % types.Length];
                var (min, max) = ElementTypes.IntegerRange(type);
                long[] fitting = [.. values.Select(v => Math.Clamp(v, min, max))];
                var tensor = TensorData.Of("t", type, [fitting.Length], fitting);
                return TensorData.ToLongs(tensor).SequenceEqual(fitting) && TensorData.ToDoubles(tensor).SequenceEqual(fitting.Select(v => (double)v));
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_value_that_does_not_fit_is_refused() => Assert.Throws<ArgumentException>(() => TensorData.Scalar("t", DataType.Int4, 8));

    // OCP OFP8 and MX specifications: largest and smallest values, infinities and NaN.
    [Theory]
    [InlineData(DataType.Float8E4M3Fn, 0x7E, 448f)]
    [InlineData(DataType.Float8E4M3Fn, 0x01, 0.001953125f)]
    [InlineData(DataType.Float8E4M3Fn, 0xFF, float.NaN)]
    [InlineData(DataType.Float8E4M3Fnuz, 0x7F, 240f)]
    [InlineData(DataType.Float8E4M3Fnuz, 0x80, float.NaN)]
    [InlineData(DataType.Float8E5M2, 0x7B, 57344f)]
    [InlineData(DataType.Float8E5M2, 0xFC, float.NegativeInfinity)]
    [InlineData(DataType.Float8E5M2, 0x01, 0.0000152587890625f)]
    [InlineData(DataType.Float8E5M2Fnuz, 0x7F, 57344f)]
    [InlineData(NewerDataType.Float8E8M0, 127, 1f)]
    [InlineData(NewerDataType.Float8E8M0, 130, 8f)]
    [InlineData(DataType.Float4E2M1, 0x7, 6f)]
    [InlineData(DataType.Float4E2M1, 0x9, -0.5f)]
    [InlineData(DataType.Float16, 0x3C01, 1.0009765625f)]
    [InlineData(DataType.Bfloat16, 0xC040, -3f)]
    public void Small_floats_are_decoded(DataType type, int bits, float expected)
    {
        byte[] bytes = ElementTypes.BitsOf(type) == 16 ? [(byte)bits, (byte)(bits >> 8)] : [(byte)bits];
        Assert.Equal([expected], TensorData.ToFloats(TensorData.OfBytes("t", type, [1], bytes)));
    }

    [Fact]
    public void Typed_fields_read_like_raw_ones()
    {
        var half = new TensorProto { DataType = (int)DataType.Float16, Dims = { 2 }, Int32Data = { 0x3C00, 0xC000 } };
        Assert.Equal([1f, -2f], TensorData.ToFloats(half));
        var nibbles = new TensorProto { DataType = (int)DataType.Int4, Dims = { 3 }, Int32Data = { 0x78, 0x03 } };
        Assert.Equal([-8L, 7, 3], TensorData.ToLongs(nibbles));
        var wide = new TensorProto { DataType = (int)DataType.Uint32, Dims = { 1 }, Uint64Data = { 4_000_000_000 } };
        Assert.Equal([4_000_000_000L], TensorData.ToLongs(wide));
        var real = new TensorProto { DataType = (int)DataType.Double, DoubleData = { 0.1 } };
        Assert.Equal([0.1], TensorData.ToDoubles(real));
        Assert.Equal([0L], TensorData.ToLongs(real)); // towards zero
    }

    [Fact]
    public void Bfloat16_rounds_to_nearest_even()
    {
        // 1 + 2^-8 lies between 1 and 1 + 2^-7: to the even one; 1 + 3 * 2^-8 between 1 + 2^-7 and 1 + 2^-6: to the even one.
        var tensor = TensorData.Of("t", DataType.Bfloat16, [2], [1 + 1.0 / 256, 1 + 3.0 / 256]);
        Assert.Equal([1f, 1 + 1f / 64], TensorData.ToFloats(tensor));
    }

    [Fact]
    public void Too_few_elements_are_an_error_that_names_the_tensor()
    {
        var tensor = new TensorProto { Name = "w", DataType = (int)DataType.Float, Dims = { 4 }, FloatData = { 1, 2 } };
        var error = Assert.Throws<HaqException>(() => TensorData.ToFloats(tensor));
        Assert.Equal(DiagnosticCatalog.InvalidGraph, error.Diagnostic.Descriptor);
        Assert.Contains("'w'", error.Message);
        tensor.Dims[0] = -1;
        Assert.Throws<HaqException>(() => TensorData.Count(tensor));
        tensor.Dims[0] = long.MaxValue;
        Assert.Throws<HaqException>(() => TensorData.ToFloats(tensor));
    }
}
