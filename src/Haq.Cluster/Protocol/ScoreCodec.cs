using System.Collections.Immutable;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;

namespace Haq.Cluster.Protocol;

/// <summary>Scores and policies as bytes. Every bit comes back, those of what is not a number too.</summary>
internal static class ScoreCodec
{
    private const byte Top1 = 1, Top5 = 2, Agrees = 4, Compared = 8, Several = 16;

    public static byte[] Write(ReadOnlySpan<SampleScore> scores)
    {
        using var stream = new MemoryStream(scores.Length * 33 + sizeof(int));
        using var writer = new BinaryWriter(stream);
        writer.Write(scores.Length);
        foreach (ref readonly var score in scores)
        {
            writer.Write((byte)((score.Top1 ? Top1 : 0) | (score.Top5 ? Top5 : 0) | (score.Agrees ? Agrees : 0) | (score.IsCompared ? Compared : 0) | (score.Cosines is null ? 0 : Several)));
            writer.Write(score.Divergence);
            writer.Write(score.Cosine);
            writer.Write(score.Signal);
            writer.Write(score.Noise);
            if (score.Cosines is not { } cosines) continue;
            writer.Write(cosines.Length);
            foreach (double cosine in cosines) writer.Write(cosine);
        }
        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">These are no scores.</exception>
    public static SampleScore[] Read(byte[] bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes));
            int count = reader.ReadInt32();
            if (count < 0 || count > bytes.Length) throw new InvalidDataException("an answer holds no scores");
            var scores = new SampleScore[count];
            for (int i = 0; i < count; i++)
            {
                byte flags = reader.ReadByte();
                scores[i] = new SampleScore(
                    (flags & Top1) != 0, (flags & Top5) != 0, (flags & Agrees) != 0, reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), (flags & Compared) != 0);
                if ((flags & Several) != 0) scores[i] = scores[i] with { Cosines = Cosines(reader, bytes.Length) };
            }
            return reader.BaseStream.Position == bytes.Length ? scores : throw new InvalidDataException("an answer is longer than its scores");
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("an answer is cut short", e);
        }
    }

    public static byte[] Write(Policy policy)
    {
        byte[] bytes = new byte[2 * policy.Count];
        for (int i = 0; i < policy.Count; i++) (bytes[2 * i], bytes[2 * i + 1]) = ((byte)policy[i].Weights.Bits, (byte)policy[i].Activations.Bits);
        return bytes;
    }

    /// <exception cref="InvalidDataException">This is no policy.</exception>
    public static Policy ReadPolicy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % 2 != 0 || bytes.ContainsAnyExceptInRange((byte)Bitwidth.Min, (byte)Bitwidth.Max)) throw new InvalidDataException("an order holds no policy");
        var bits = ImmutableArray.CreateBuilder<LayerBits>(bytes.Length / 2);
        for (int i = 0; i < bytes.Length; i += 2) bits.Add(new LayerBits(bytes[i], bytes[i + 1]));
        return new Policy(bits.MoveToImmutable());
    }

    private static double[] Cosines(BinaryReader reader, int limit)
    {
        int count = reader.ReadInt32();
        if (count < 0 || count > limit) throw new InvalidDataException("an answer holds no scores");
        double[] cosines = new double[count];
        for (int i = 0; i < count; i++) cosines[i] = reader.ReadDouble();
        return cosines;
    }
}
