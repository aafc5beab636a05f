using Haq.Cluster.Protocol;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;

namespace Haq.Cluster.Tests.Protocol;

public sealed class ScoreCodecTests
{
    private static readonly SampleScore[] s_scores =
    [
        new(true, false, true, 0.1, BitConverter.UInt64BitsToDouble(0x7ff8_0000_0000_1234), double.PositiveInfinity, -0.0),
        new(false, true, false, double.Epsilon, 1, 2, 3, IsCompared: false) { Cosines = [double.NaN, 0.25] },
        SampleScore.Empty,
    ];

    [Fact]
    public void Every_bit_of_a_score_comes_back()
    {
        var read = ScoreCodec.Read(ScoreCodec.Write(s_scores));
        Assert.Equal(s_scores.Select(Bits), read.Select(Bits));
    }

    [Fact]
    public void What_is_cut_short_or_longer_is_refused()
    {
        byte[] bytes = ScoreCodec.Write(s_scores);
        for (int length = 0; length < bytes.Length; length++) Assert.Throws<InvalidDataException>(() => ScoreCodec.Read(bytes[..length]));
        Assert.Throws<InvalidDataException>(() => ScoreCodec.Read([.. bytes, 0]));
        Assert.Throws<InvalidDataException>(() => ScoreCodec.Read([255, 255, 255, 127]));
    }

    [Fact]
    public void A_policy_comes_back_and_other_bytes_do_not_make_one()
    {
        var policy = new Policy([new LayerBits(2, 8), LayerBits.Float, new LayerBits(16, 16)]);
        Assert.Equal(policy, ScoreCodec.ReadPolicy(ScoreCodec.Write(policy)));
        Assert.Throws<InvalidDataException>(() => ScoreCodec.ReadPolicy([8, 8, 8]));
        Assert.Throws<InvalidDataException>(() => ScoreCodec.ReadPolicy([0, 8]));
        Assert.Throws<InvalidDataException>(() => ScoreCodec.ReadPolicy([33, 8]));
    }

    private static string Bits(SampleScore score) =>
        string.Join(' ', new[] { score.Divergence, score.Cosine, score.Signal, score.Noise }.Concat(score.Cosines ?? []).Select(BitConverter.DoubleToInt64Bits))
        + $" {score.Top1} {score.Top5} {score.Agrees} {score.IsCompared} {score.Cosines?.Length}";
}
