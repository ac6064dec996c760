using Mercato.Recommend;

namespace Mercato.Tests.Recommend;

public sealed class TaskAnalysisTests
{
    [Theory]
    [InlineData("Write a function in Go that merges two sorted slices", "code_generation")]
    [InlineData("Implement a rate limiter in Rust", "code_generation")]
    [InlineData("Schreibe eine Funktion in Python, die Primzahlen liefert", "code_generation")]
    [InlineData("用 Python 写一个函数来反转链表", "code_generation")]
    [InlineData("What does this code do? ```for i in range(3): print(i)```", "code_explanation")]
    [InlineData("Walk me through this JavaScript closure", "code_explanation")]
    [InlineData("Fix this Python error: KeyError 'name'", "bug_fixing")]
    [InlineData("My C# service throws a NullReferenceException, here is the stack trace", "bug_fixing")]
    [InlineData("Refactor my Java order service into smaller classes", "refactoring")]
    [InlineData("Refactoriza esta clase de Java para que sea más legible", "refactoring")]
    [InlineData("Write unit tests for this Go package", "test_generation")]
    [InlineData("Add pytest cases for the parser module", "test_generation")]
    [InlineData("Add docstrings to every function in this file", "documentation")]
    [InlineData("Write a README for my command line tool", "documentation")]
    [InlineData("Convert this Python script to Rust", "code_translation")]
    [InlineData("Port our Java client to Kotlin", "code_translation")]
    [InlineData("Solve the equation x^2 - 5x + 6 = 0", "math")]
    [InlineData("A train covers 120 km in 2 hours. How many km does it cover in 5 hours?", "math")]
    [InlineData("Berechne die Ableitung von f(x) = 3x^2", "math")]
    [InlineData("Prove that the square root of 2 is irrational", "math")]
    [InlineData("Here is a riddle: what gets wetter the more it dries?", "reasoning")]
    [InlineData("Solve this logic puzzle: three knights and knaves meet on a road", "reasoning")]
    [InlineData("Who wrote The Master and Margarita?", "qa_knowledge")]
    [InlineData("What is the capital of Mongolia?", "qa_knowledge")]
    [InlineData("Is it true that lightning never strikes twice?", "qa_knowledge")]
    [InlineData("Explain how vaccines work to a ten year old", "explanation")]
    [InlineData("Erkläre mir den Unterschied zwischen TCP und UDP", "explanation")]
    [InlineData("Pourquoi le ciel est-il bleu ? Explique simplement", "explanation")]
    [InlineData("Write an email to my landlord about the broken heating", "functional_writing")]
    [InlineData("Draft a cover letter for a nurse position", "functional_writing")]
    [InlineData("Write a blog post about urban gardening", "functional_writing")]
    [InlineData("Напиши письмо в техподдержку о потерянном заказе", "functional_writing")]
    [InlineData("Write a short story about a lighthouse keeper", "creative_writing")]
    [InlineData("Écris un poème sur l'automne", "creative_writing")]
    [InlineData("写一首关于月亮的诗", "creative_writing")]
    [InlineData("Rephrase this paragraph so that it sounds friendlier", "rewriting")]
    [InlineData("Proofread my abstract and correct the grammar", "rewriting")]
    [InlineData("Reformule cette phrase dans un style plus formel", "rewriting")]
    [InlineData("Summarize the attached meeting transcript in five bullets", "summarization")]
    [InlineData("TL;DR of this thread please", "summarization")]
    [InlineData("Fasse diesen Artikel kurz zusammen", "summarization")]
    [InlineData("次の文章を要約してください", "summarization")]
    [InlineData("Extract all names and phone numbers from the text below", "extraction")]
    [InlineData("Extrae las fechas y los importes de esta factura", "extraction")]
    [InlineData("Classify these reviews as positive or negative", "classification")]
    [InlineData("What is the sentiment of this comment: the soup was cold", "classification")]
    [InlineData("Translate this contract to German", "translation")]
    [InlineData("Traduce al inglés: el perro duerme", "translation")]
    [InlineData("Переведи на английский: снег идёт с утра", "translation")]
    [InlineData("把下面的句子翻译成英文：今天天气很好", "translation")]
    [InlineData("Here is a CSV of sales figures, find outliers and trends in the data", "data_analysis")]
    [InlineData("Analyze the data set and report the correlation between price and demand", "data_analysis")]
    [InlineData("Critique the argument of this op-ed and evaluate its implications", "analysis")]
    [InlineData("What would happen if the Gulf Stream stopped?", "analysis")]
    [InlineData("Give me ideas for a birthday party", "brainstorming_advice")]
    [InlineData("I need advice: should I take the job abroad?", "brainstorming_advice")]
    [InlineData("Make a five day itinerary for Lisbon", "planning_design")]
    [InlineData("Erstelle einen Trainingsplan für einen Halbmarathon", "planning_design")]
    [InlineData("Pretend you are a pirate and stay in character", "roleplay_chat")]
    [InlineData("Hi! How are you today?", "roleplay_chat")]
    public void Prompt_has_its_category(string prompt, string category) =>
        TaskAnalysis.Of(prompt).Category.ShouldBe(category);

    [Theory]
    [InlineData("Write the minutes of the meeting", "en")]
    [InlineData("Escribe una carta para el director del colegio", "es")]
    [InlineData("Écris une lettre pour le directeur de mon école", "fr")]
    [InlineData("Schreibe einen Brief an die Schule für mich", "de")]
    [InlineData("Напиши письмо директору школы", "ru")]
    [InlineData("给校长写一封信", "zh")]
    [InlineData("校長先生に手紙を書いてください", "ja")]
    [InlineData("교장 선생님께 편지를 써 주세요", "ko")]
    [InlineData("اكتب رسالة إلى المدير", "ar")]
    [InlineData("", "en")]
    public void Text_has_its_language(string text, string language) => TaskAnalysis.Of(text).Language.ShouldBe(language);

    [Theory]
    [InlineData("Draw a logo for a bakery", "image_generation")]
    [InlineData("Describe what is in this photo", "vision")]
    [InlineData("Embeddings for semantic search over support tickets", "embeddings")]
    [InlineData("Transcribe a recording of our weekly call", "transcription")]
    [InlineData("Read this chapter aloud in a calm voice", "speech")]
    [InlineData("A coding agent that works with tool calls", "tools")]
    [InlineData("Answer in JSON", "json")]
    [InlineData("Find the clause in a 300 page PDF", "pdf")]
    [InlineData("Compare two chapters of a long document", "long_context")]
    public void Prompt_shows_its_need(string prompt, string need) => TaskAnalysis.Of(prompt).Needs.ShouldContain(need);

    [Fact]
    public void Making_a_picture_needs_no_eyes() =>
        TaskAnalysis.Of("Create an image from this description").Needs.ShouldBe(["image_generation"]);

    [Fact]
    public void Stated_sizes_count_into_the_tokens()
    {
        TaskAnalysis.Of("Summarize a 300 page report").ExpectedInputTokens.ShouldBeInRange(150_000, 150_100);
        TaskAnalysis.Of("Summarize these 200k tokens of logs").ExpectedInputTokens.ShouldBeInRange(200_000, 200_100);
        TaskAnalysis.Of("Write a story in 900 words").ExpectedOutputTokens.ShouldBe(1_200);
    }

    [Fact]
    public void Hard_task_is_more_complex_than_an_easy_one()
    {
        var easy = TaskAnalysis.Of("Say hello in Danish");
        var hard = TaskAnalysis.Of(
            "Design the architecture of a distributed ledger, prove its consistency and discuss the trade-offs in detail");

        easy.Complexity.ShouldBe(1);
        hard.Complexity.ShouldBe(5);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\0\u2028?!")]
    [InlineData("1111111111111111111111111 tokens 99999999999999 pages")]
    [InlineData("🙂🙂🙂")]
    public void Odd_text_is_analysed_all_the_same(string text)
    {
        var analysis = TaskAnalysis.Of(text);

        analysis.Confidence.ShouldBeInRange(0, 1);
        analysis.Complexity.ShouldBeInRange(1, 5);
        analysis.ExpectedInputTokens.ShouldBeInRange(1, 2_000_000);
        analysis.Categories.Sum(it => it.Weight).ShouldBeLessThanOrEqualTo(1.02m);
    }

    [Fact]
    public void Any_text_stays_in_bounds() => CsCheck.Check.Sample(CsCheck.Gen.String, text =>
    {
        var analysis = TaskAnalysis.Of(text);
        return analysis.Complexity is >= 1 and <= 5 && analysis.Confidence is >= 0 and <= 1
            && analysis.ExpectedOutputTokens is >= 1 and <= 32_000 && analysis.Keywords.Length <= 8;
    }, iter: 200);

    [Fact]
    public void Table_has_the_24_categories() => Cues.Categories.Distinct().Count().ShouldBe(24);
}
