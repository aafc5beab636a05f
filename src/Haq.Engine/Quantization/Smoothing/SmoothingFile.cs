using System.Collections.Immutable;

namespace Haq.Engine.Quantization.Smoothing;

/// <summary>Keeps what was chosen, so that the same model can be made again without data.</summary>
internal static class SmoothingFile
{
    private const int Magic = 0x31534d51; // "QMS1"

    /// <summary>Writes everything; <see cref="Read"/> gives it back.</summary>
    public static void Write(ImmutableArray<SmoothedTensor> smoothed, Stream stream)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(smoothed.Length);
        foreach (var tensor in smoothed)
        {
            writer.Write(tensor.Tensor);
            Write(writer, tensor.Factors);
            Write(writer, tensor.Offsets);
        }
    }

    /// <summary>Reads what <see cref="Write(ImmutableArray{SmoothedTensor}, Stream)"/> wrote.</summary>
    /// <exception cref="InvalidDataException">Something else is there.</exception>
    /// <exception cref="EndOfStreamException">It is cut short.</exception>
    public static ImmutableArray<SmoothedTensor> Read(Stream stream)
    {
        try
        {
            return ReadAll(stream);
        }
        catch (Exception e) when (e is FormatException or IOException and not EndOfStreamException)
        {
            throw new InvalidDataException("not a file of smoothed tensors", e);
        }
    }

    private static ImmutableArray<SmoothedTensor> ReadAll(Stream stream)
    {
        using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        if (reader.ReadInt32() != Magic) throw new InvalidDataException("not a file of smoothed tensors");
        var smoothed = ImmutableArray.CreateBuilder<SmoothedTensor>();
        for (int n = reader.ReadInt32(); n > 0; n--) smoothed.Add(new SmoothedTensor(reader.ReadString(), Values(reader), Values(reader)));
        return smoothed.DrainToImmutable();
    }

    private static void Write(BinaryWriter writer, ImmutableArray<float> values)
    {
        writer.Write(values.Length);
        foreach (float value in values) writer.Write(value);
    }

    private static ImmutableArray<float> Values(BinaryReader reader)
    {
        var values = ImmutableArray.CreateBuilder<float>();
        for (int n = reader.ReadInt32(); n > 0; n--) values.Add(reader.ReadSingle());
        return values.DrainToImmutable();
    }
}
