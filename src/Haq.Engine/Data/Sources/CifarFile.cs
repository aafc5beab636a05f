using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Sources;

/// <summary>CIFAR-10's binary version: records of a label byte and 3072 bytes, the red, green and blue planes of 32 x 32.</summary>
/// <remarks>Format: https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".</remarks>
internal static class CifarFile
{
    private const int Pixels = 3 * 32 * 32, Record = 1 + Pixels;

    public static (SampleArray Images, int[] Labels) Read(FileReference file)
    {
        var store = ByteStore.Open(file);
        if (store.Length == 0) throw DataErrors.Empty(file, "images");
        if (store.Length % Record != 0) throw DataErrors.Damaged(file, $"{store.Length} bytes are not a whole number of CIFAR-10 records of {Record} bytes");
        int count = checked((int)(store.Length / Record));
        int[] labels = new int[count];
        Span<byte> label = stackalloc byte[1];
        for (int i = 0; i < count; i++)
        {
            store.Read((long)i * Record, label);
            if (label[0] > 9) throw DataErrors.WrongFormat(file, $"record {i} has the label {label[0]}; CIFAR-10 has 0 to 9");
            labels[i] = label[0];
        }
        return (new SampleArray("", ElementKind.Uint8, [3, 32, 32], count, store, 1, Record), labels);
    }
}
