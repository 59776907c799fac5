passwd last dance
group last dance
