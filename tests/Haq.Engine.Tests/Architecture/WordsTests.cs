using System.Globalization;
using System.Text.RegularExpressions;

namespace Haq.Engine.Tests.Architecture;

/// <summary>The unit of a quantizer is its scale, in documents, messages and code; ARCHITECTURE.md has the words.</summary>
public sealed partial class WordsTests
{
    [Theory]
    [InlineData("a bias in units of input step times weight step")]
    [InlineData("a step per channel of weights")]
    [InlineData("one step for all channels")]
    [InlineData("a step for every output channel")]
    [InlineData("the steps of the quantizers are learned")]
    [InlineData("weights that share a step")]
    [InlineData("what happens to the quantizers' steps")]
    [InlineData("which gives the quantizer's step")]
    [InlineData("the zero point and the step")]
    [InlineData("StepLearning FixedSteps KeepsSteps StepGradient")]
    public void Steps_of_quantizers_are_recognized(string text) => Assert.Matches(Quantizer(), text);

    [Theory]
    [InlineData("samples per step of training")]
    [InlineData("changes of one width by one step")]
    [InlineData("a step of its critic takes less")]
    [InlineData("What each step of quantization gained")]
    [InlineData("every step of post-training quantization")]
    public void Steps_of_training_and_searching_are_not(string text) => Assert.DoesNotMatch(Quantizer(), text);

    [Fact]
    public void No_quantizer_has_a_step()
    {
        string root = Repository.Root;
        string[] documents = [.. Directory.EnumerateFiles(root, "*.md"), .. Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories)];
        string[] code = [.. Directory.EnumerateFiles(Path.Combine(root, "src"), "*.cs", SearchOption.AllDirectories).Where(f => !Generated().IsMatch(f))];
        Assert.True(documents.Length > 100 && code.Length > 500, "the repository's texts were not found");
        var found = new List<string>();
        foreach (string file in documents.Concat(code))
        {
            int number = 0;
            foreach (string line in File.ReadLines(file))
            {
                number++;
                if (Quantizer().Match(line) is { Success: true } step)
                    found.Add(string.Create(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(root, file)}:{number}: {step.Value}"));
            }
        }
        Assert.Empty(found);
    }

    [GeneratedRegex(
        @"\b(input|weight|activation|quantizer'?s?'?) steps?\b|\bsteps? (per|for (all|every|each|the)) (\w+ )?(tensor|channel|column|row)|\bshares? (a|one|its|their) step"
            + @"|\bsteps? of (the|a|all|its) (quantizer|weights|activations|tensor)|\bzero points? and (the |its )?steps?|\bsteps?(,| and) (a |the |its )?zero points?"
            + @"|(Fixed|Keeps|keep|Weight|Input)Steps?\b|\bStep(Learning|Gradient|Rate)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Quantizer();

    [GeneratedRegex(@"[\\/](obj|bin)[\\/]")]
    private static partial Regex Generated();
}
