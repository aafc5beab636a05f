using System.Text;
using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Fuzz;

/// <summary>
/// Damages bytes as transfers, editors and ill will do: bits, lengths, pieces cut out, doubled, moved or taken from elsewhere, words that mean
/// something. The same seed gives the same damage.
/// </summary>
internal static class Mutator
{
    private static readonly byte[][] s_words = [.. new[]
    {
        "\0\0\0\0", "\u007f", "-1", "0", "1e999", "-9223372036854775808", "9223372036854775807", "18446744073709551616", "NaN", "Infinity", "../../x",
            "/dev/null", "&a", "*a", "<<: ", "[[[[", "{{{{", "\"", "'",
        "\r\n", "\t", "<script>", "%s%n", "\u001b[2J", "null", "true", "~", "!!binary", ": ", "- ", ",", "\ufeff", "(", "(2147483647, 2147483647)",
    }.Select(Encoding.UTF8.GetBytes), [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0x80, 0x80, 0x80, 0x80, 0x08], [0x1F, 0x8B], [0xED, 0xA0, 0x80]];

    /// <summary>One to six damages of <paramref name="input"/>; <paramref name="other"/> lends pieces.</summary>
    public static byte[] Damage(ReadOnlySpan<byte> input, ReadOnlySpan<byte> other, SeededRandom random, int most)
    {
        var bytes = new List<byte>(input.Length + 64);
        bytes.AddRange(input);
        for (int n = 1 + random.Next(6); n > 0; n--) Once(bytes, other, random);
        if (bytes.Count > most) bytes.RemoveRange(most, bytes.Count - most);
        return [.. bytes];
    }

    private static void Once(List<byte> bytes, ReadOnlySpan<byte> other, SeededRandom random)
    {
        int at = bytes.Count == 0 ? 0 : random.Next(bytes.Count), length = bytes.Count == 0 ? 0 : 1 + random.Next(Math.Min(bytes.Count - at, 1 << random.Next(9)));
        switch (random.Next(9))
        {
            case 0 or 1 when bytes.Count > 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2 when bytes.Count > 0:
                bytes[at] = random.Next(3) switch { 0 => 0, 1 => 0xFF, _ => (byte)random.Next(256) };
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 5:
                bytes.InsertRange(at, s_words[random.Next(s_words.Length)]);
                break;
            case 6 when !other.IsEmpty:
                int from = random.Next(other.Length);
                bytes.InsertRange(at, other.Slice(from, Math.Min(other.Length - from, 1 << random.Next(9))));
                break;
            case 7:
                if (random.Next(4) == 0) bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                byte[] word = s_words[random.Next(s_words.Length)];
                for (int i = 0; i < word.Length && at + i < bytes.Count; i++) bytes[at + i] = word[i];
                break;
        }
    }
}
