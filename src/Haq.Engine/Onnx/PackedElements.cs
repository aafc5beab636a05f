using System.Buffers.Binary;

namespace Haq.Engine.Onnx;

/// <summary>Single elements of packed little-endian data, and packing.</summary>
internal static class PackedElements
{
    public static double Real(DataType type, ReadOnlySpan<byte> data, int index) => type switch
    {
        DataType.Float => BinaryPrimitives.ReadSingleLittleEndian(data[(4 * index)..]),
        DataType.Double => BinaryPrimitives.ReadDoubleLittleEndian(data[(8 * index)..]),
        DataType.Float16 or DataType.Bfloat16 => SmallFloat.FromBits(type, BinaryPrimitives.ReadUInt16LittleEndian(data[(2 * index)..])),
        DataType.Float8E4M3Fn or DataType.Float8E4M3Fnuz or DataType.Float8E5M2 or DataType.Float8E5M2Fnuz or NewerDataType.Float8E8M0 => SmallFloat.FromBits(type, data[index]),
        DataType.Float4E2M1 => SmallFloat.FromBits(type, Field(data, index, 4)),
        DataType.Uint64 => BinaryPrimitives.ReadUInt64LittleEndian(data[(8 * index)..]),
        _ => Integer(type, data, index),
    };

    public static long Integer(DataType type, ReadOnlySpan<byte> data, int index) => type switch
    {
        DataType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(data[(8 * index)..]),
        DataType.Uint64 => (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(data[(8 * index)..]), long.MaxValue),
        DataType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(data[(4 * index)..]),
        DataType.Uint32 => BinaryPrimitives.ReadUInt32LittleEndian(data[(4 * index)..]),
        DataType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(data[(2 * index)..]),
        DataType.Uint16 => BinaryPrimitives.ReadUInt16LittleEndian(data[(2 * index)..]),
        DataType.Int8 => (sbyte)data[index],
        DataType.Uint8 => data[index],
        DataType.Bool => data[index] == 0 ? 0 : 1,
        DataType.Uint4 => Field(data, index, 4),
        DataType.Int4 => (Field(data, index, 4) ^ 8) - 8,
        NewerDataType.Uint2 => Field(data, index, 2),
        NewerDataType.Int2 => (Field(data, index, 2) ^ 2) - 2,
        _ => Truncate(Real(type, data, index)),
    };

    /// <summary>Weights, of which large layers have a hundred million: without a detour over wider numbers.</summary>
    /// <exception cref="ArgumentException">A value does not fit the type, or the type is not INT2, INT4, INT8, UINT8 or INT16.</exception>
    public static byte[] Pack(DataType type, ReadOnlySpan<short> values)
    {
        if (type is not (NewerDataType.Int2 or DataType.Int4 or DataType.Int8 or DataType.Uint8 or DataType.Int16)) throw new ArgumentException($"{type} is no type of weights", nameof(type));
        var (min, max) = ElementTypes.IntegerRange(type);
        if (values.ContainsAnyExceptInRange((short)min, (short)max)) throw new ArgumentException($"a value does not fit {type}", nameof(values));
        int bits = ElementTypes.BitsOf(type);
        byte[] packed = new byte[((long)values.Length * bits + 7) / 8];
        if (type == NewerDataType.Int2)
            for (int i = 0; i < values.Length; i++) packed[i / 4] |= (byte)((values[i] & 3) << (i % 4 * 2));
        else if (type == DataType.Int4)
            for (int i = 0; i < values.Length; i++) packed[i / 2] |= (byte)((values[i] & 15) << (i % 2 * 4));
        else if (type is DataType.Int8 or DataType.Uint8)
            for (int i = 0; i < values.Length; i++) packed[i] = (byte)values[i];
        else
            for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt16LittleEndian(packed.AsSpan(2 * i), values[i]);
        return packed;
    }

    /// <exception cref="ArgumentException">A value does not fit the type, or the type is neither integer nor boolean.</exception>
    public static byte[] Pack(DataType type, ReadOnlySpan<long> values)
    {
        var (min, max) = type == DataType.Bool ? (0, 1) : ElementTypes.IntegerRange(type);
        if (max == 0) throw new ArgumentException($"{type} does not hold integers", nameof(type));
        int bits = ElementTypes.BitsOf(type);
        byte[] packed = new byte[((long)values.Length * bits + 7) / 8];
        for (int i = 0; i < values.Length; i++)
        {
            long value = values[i];
            if (value < min || value > max) throw new ArgumentException($"{value} does not fit {type}", nameof(values));
            if (bits < 8)
            {
                int shift = i * bits % 8;
                packed[(long)i * bits / 8] |= (byte)((value & ((1 << bits) - 1)) << shift);
            }
            else
            {
                for (int b = 0; b < bits / 8; b++) packed[i * (bits / 8) + b] = (byte)(value >> (8 * b));
            }
        }
        return packed;
    }

    /// <exception cref="ArgumentException">The type is not float, double, float16 or bfloat16.</exception>
    public static byte[] Pack(DataType type, ReadOnlySpan<double> values)
    {
        int size = ElementTypes.BitsOf(type) / 8;
        byte[] packed = new byte[size * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            var target = packed.AsSpan(size * i);
            switch (type)
            {
                case DataType.Float:
                    BinaryPrimitives.WriteSingleLittleEndian(target, (float)values[i]);
                    break;
                case DataType.Double:
                    BinaryPrimitives.WriteDoubleLittleEndian(target, values[i]);
                    break;
                case DataType.Float16:
                    BinaryPrimitives.WriteHalfLittleEndian(target, (Half)values[i]);
                    break;
                case DataType.Bfloat16:
                    BinaryPrimitives.WriteUInt16LittleEndian(target, ToBfloat16((float)values[i]));
                    break;
                default:
                    throw new ArgumentException($"{type} is not a real type that can be written", nameof(type));
            }
        }
        return packed;
    }

    private static ushort ToBfloat16(float value)
    {
        if (float.IsNaN(value)) return 0x7FC0;
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16); // nearest, ties to even
    }

    private static int Field(ReadOnlySpan<byte> data, int index, int bits)
    {
        int perByte = 8 / bits;
        return (data[index / perByte] >> (index % perByte * bits)) & ((1 << bits) - 1);
    }

    // (long)NaN and overflow are left to the platform by the language; this is not.
    private static long Truncate(double value) => double.IsNaN(value) ? 0 : value >= long.MaxValue ? long.MaxValue : value <= long.MinValue ? long.MinValue : (long)value;
}
