using Haq.Engine.Evaluation.Sanity;
using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Evaluation.Sanity;

public sealed class ChanceAgreementTests
{
    /// <summary>The textbook's 50 applications judged twice: 20 and 15 agreed on, 5 and 10 not. κ = 0.4; the error at independence by hand: √(0.5 + 0.25 − 0.51) / (0.5·√50).</summary>
    [Fact]
    public void Two_judges_agree_as_in_the_textbook()
    {
        int[] first = [.. Repeat(1, 20), .. Repeat(1, 5), .. Repeat(0, 10), .. Repeat(0, 15)], second = [.. Repeat(1, 20), .. Repeat(0, 5), .. Repeat(1, 10), .. Repeat(0, 15)];
        var agreement = ChanceAgreement.Of(first, second);
        Assert.Equal(0.4, agreement.Kappa, 1e-12);
        Assert.Equal(0.13856, agreement.StandardError, 1e-5);
        Assert.Equal(70, agreement.Accuracy, 1e-9);
        Assert.Equal(60, agreement.Constant, 1e-9);
        Assert.True(agreement.IsChance);
    }

    [Fact]
    public void A_constant_guess_is_chance_however_often_it_is_right()
    {
        var agreement = ChanceAgreement.Of(Repeat(0, 100), [.. Repeat(0, 95), .. Repeat(1, 5)]);
        Assert.Equal(95, agreement.Accuracy, 1e-9);
        Assert.Equal(0, agreement.Kappa, 1e-12);
        Assert.True(agreement.IsChance);
    }

    [Fact]
    public void A_rare_class_that_is_mostly_found_is_no_chance()
    {
        Assert.False(ChanceAgreement.Of([.. Repeat(0, 96), .. Repeat(1, 4)], [.. Repeat(0, 95), .. Repeat(1, 5)]).IsChance);
    }

    /// <summary>The error is what says how often independent lists look related: 0.13 % of the time beyond three of them, in theory.</summary>
    [Fact]
    public void Independent_lists_are_chance_nearly_always()
    {
        var random = new SeededRandom(3);
        int doubted = 0;
        for (int trial = 0; trial < 500; trial++)
        {
            int[] one = [.. Enumerable.Range(0, 200).Select(_ => random.Next(10))], other = [.. Enumerable.Range(0, 200).Select(_ => random.Next(10))];
            if (!ChanceAgreement.Of(one, other).IsChance) doubted++;
        }
        Assert.InRange(doubted, 0, 6);
    }

    private static int[] Repeat(int value, int count) => [.. Enumerable.Repeat(value, count)];
}
